using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>
/// A Power Automate flow, put together from its document as a maker does it: each numbered step has the JSON of its code view, and its
/// text says into which branch of which condition it goes.
/// </summary>
internal static partial class FlowDocument
{
    /// <summary>The flow of a document in <c>infra/samples</c>, as a workflow's definition.</summary>
    public static JsonObject Read(string file)
    {
        var definition = new JsonObject { ["triggers"] = new JsonObject(), ["actions"] = new JsonObject() };
        var conditions = new Dictionary<string, JsonNode>();
        foreach (Match step in Step().Matches(Repository.Read("infra", "samples", file)))
        {
            var (name, node) = Assert.Single(JsonNode.Parse(step.Groups["json"].Value)!.AsObject().ToList());
            var number = step.Groups["number"].Value;
            var branch = Branch().Match(step.Groups["text"].Value);
            var parent = number == "1" ? definition["triggers"]!
                : !branch.Success ? definition["actions"]!
                : branch.Groups["branch"].Value == "True" ? conditions[branch.Groups["number"].Value]["actions"]!
                : conditions[branch.Groups["number"].Value]["else"]!["actions"]!;
            var copy = node!.DeepClone().AsObject();
            if (copy["type"]!.ToString() == "If")
            {
                // Code view shows a condition without its branches.
                copy["actions"] = new JsonObject();
                copy["else"] = new JsonObject { ["actions"] = new JsonObject() };
                conditions[number] = copy;
            }

            parent[name] = copy;
        }

        return definition;
    }

    [GeneratedRegex(@"^## (?<number>[0-9]+)\. [^\n]+\n(?<text>(?:(?!^## )[\s\S])*?)```json\n(?<json>[\s\S]*?)```", RegexOptions.Multiline)]
    private static partial Regex Step();

    [GeneratedRegex(@"\*(?<branch>True|False)\*\s+branch\s+of\s+step\s+(?<number>[0-9]+)")]
    private static partial Regex Branch();
}
