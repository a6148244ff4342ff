// Every query that an operator is given, against Kusto's own parser and the tables that Application Insights fills:
// node .ci/queries.cjs FOLDER, where FOLDER/node_modules has @kusto/language-service-next.
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const library = path.join(process.argv[2], "node_modules/@kusto/language-service-next");
for (const file of ["bridge.min.js", "Kusto.Language.Bridge.min.js"])
  vm.runInThisContext(fs.readFileSync(path.join(library, file), "utf8"), { filename: file });
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;

// https://learn.microsoft.com/azure/azure-monitor/reference/tables/appmetrics and its neighbours: the columns that are used.
const common = "TimeGenerated: datetime, OperationId: string, Properties: dynamic";
const tables = {
  AppMetrics: `(${common}, Name: string, Sum: real, Min: real, Max: real, ItemCount: int)`,
  AppTraces: `(${common}, Message: string, SeverityLevel: int)`,
  AppRequests: `(${common}, Name: string, ResultCode: string)`,
  AppDependencies: `(${common}, Name: string, ResultCode: string)`,
};
const workspace = new Symbols.DatabaseSymbol.ctor(
  "workspace", Object.entries(tables).map(([name, columns]) => new Symbols.TableSymbol.$ctor7(name, columns, null)));
const globals = GlobalState.Default.WithDatabase(workspace);

function findings(query) {
  const diagnostics = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: diagnostics.Count }, (_, index) => diagnostics.getItem(index).Message);
}

const queries = [
  ...JSON.parse(fs.readFileSync("infra/workbook.json", "utf8")).items.filter(item => item.type === 3).map(item => item.content.query),
  ...Array.from(fs.readFileSync("infra/modules/alerts.bicep", "utf8").matchAll(/^ *query: '(.*)'$/gm), match => match[1]),
  ...Array.from(fs.readFileSync("docs/operations.md", "utf8").matchAll(/```kusto\n([^`]*)```/g), match => match[1]),
];

const wrong = ["AppMetrics | summarize sum(Sums)", "AppMetrics | sumarize sum(Sum)", "AppMetric"];
let failed = 0;
for (const query of wrong.filter(query => findings(query).length === 0))
  console.log(`not found to be wrong: ${query}`, ++failed);
for (const query of queries)
  for (const finding of findings(query))
    console.log(`${finding}\n  ${query}`, ++failed);
console.log(`${queries.length} queries, ${failed} findings`);
process.exit(failed > 0 || queries.length < 15 ? 1 : 0);
