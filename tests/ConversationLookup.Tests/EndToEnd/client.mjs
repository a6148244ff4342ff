// Lists the tools and calls each with the arguments from standard input; a line for each tool says how it went.
import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const calls = JSON.parse(readFileSync(0, 'utf8'));
const client = new Client({ name: 'test', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL(process.env.MCP_ENDPOINT), {
  requestInit: { headers: { 'x-functions-key': process.env.MCP_KEY } },
}));
for (const { name } of (await client.listTools()).tools) {
  const result = await client.callTool({ name, arguments: calls[name] });
  console.log(`${name} ${result.isError ? result.content[0].text : 'ok'}`);
}
await client.close();
