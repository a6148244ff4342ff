using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Connector;

/// <summary>The files in <c>infra/connector</c> keep the platform's rules, and each rule is one that can be broken.</summary>
public sealed class ConnectorFilesTests
{
    private static JsonObject Definition => Read("apiDefinition.swagger.json");

    private static JsonObject Properties => Read("apiProperties.json");

    [Fact]
    public void The_definition_has_no_finding() => Assert.Empty(ConnectorRules.CheckDefinition(Definition));

    [Fact]
    public void The_properties_have_no_finding() => Assert.Empty(ConnectorRules.CheckProperties(Properties));

    [Fact]
    public void The_icon_has_no_finding() =>
        Assert.Empty(ConnectorRules.CheckIcon(File.ReadAllBytes(Repository.PathOf("infra", "connector", "icon.png")), Properties["properties"]!["iconBrandColor"]!.ToString()));

    /// <summary>One change to the definition (a path, and JSON to put there or nothing to take it out), and the rule that it breaks.</summary>
    [Theory]
    [InlineData("swagger", "\"3.0\"", "swagger-version")]
    [InlineData("host", "\"https://app.example\"", "host")]
    [InlineData("host", "\"app.example/api\"", "host")]
    [InlineData("basePath", "\"api\"", "base-path")]
    [InlineData("schemes", """["https","http"]""", "https-only")]
    [InlineData("paths|api/x", "{}", "path-slash")]
    [InlineData("paths|/API/Events", "{}", "path-unique")]
    [InlineData("paths|/api/conversations/{other}", "{}", "path-unique")]
    [InlineData("info|title", "\"Conversation Connector\"", "title")]
    [InlineData("info|title", "\"A title that is longer than thirty\"", "title")]
    [InlineData("info|description", "\"Too short\"", "info-description")]
    [InlineData("info|contact|email", "\"nobody\"", "contact")]
    [InlineData("x-ms-connector-metadata|1", null, "connector-metadata")]
    [InlineData("x-ms-capabilities|testConnection|operationId", "\"Nothing\"", "test-connection")]
    [InlineData("paths|/api/events|get|operationId", "\"GetConversation\"", "operation-id-unique")]
    [InlineData("paths|/api/events|get|operationId", "\"list_events\"", "operation-id")]
    [InlineData("paths|/api/events|get|summary", "\"List events/types\"", "summary")]
    [InlineData("paths|/api/events|get|summary", "\"List events.\"", "summary")]
    [InlineData("paths|/api/subscriptions|post|summary", "\"Message received\"", "trigger-summary")]
    [InlineData("paths|/api/events|get|description", "\"List events.\"", "operation-description")]
    [InlineData("paths|/api/events|get|description", "\"Lists the events\"", "operation-description")]
    [InlineData("paths|/api/events|get|responses|200|schema", "{}", "success-schema")]
    [InlineData("paths|/api/events|get|responses|201", """{"description":"x","schema":{"type":"string"}}""", "one-success")]
    [InlineData("paths|/api/events|get|responses|default", """{"description":"x"}""", "no-default")]
    [InlineData("paths|/api/events|get|responses|401|description", null, "response-description")]
    [InlineData("paths|/api/events|get|responses|418", """{"description":"x"}""", "error-listed")]
    [InlineData("paths|/api/events|get|responses|401", null, "errors-listed")]
    [InlineData("paths|/api/conversations|get|parameters|0|x-ms-summary", null, "name")]
    [InlineData("paths|/api/conversations|get|parameters|0|description", null, "description")]
    [InlineData("paths|/api/conversations|get|parameters|0|x-ms-visibility", "\"hidden\"", "visibility")]
    [InlineData("paths|/api/conversations|get|parameters|0|name", "\"connectionId\"", "connection-id")]
    [InlineData("paths|/api/conversations|get|parameters|0|in", "\"body\"", "no-body-on-get")]
    [InlineData("paths|/api/conversations|get|parameters|7|x-ms-visibility", "\"internal\"", "internal-default")]
    [InlineData("paths|/api/conversations|get|parameters|7|format", null, "integer-format")]
    [InlineData("paths|/api/conversations|get|parameters|2|format", "\"guid\"", "format")]
    [InlineData("paths|/api/conversations/{id}|get|parameters|0|required", "false", "path-parameter")]
    [InlineData("paths|/api/conversations/{id}|get|parameters|0|x-ms-url-encoding", null, "path-parameter")]
    [InlineData("paths|/api/conversations/{id}|get|parameters", "[]", "path-parameters")]
    [InlineData("paths|/api/subscriptions|post|x-ms-trigger", "\"batch\"", "trigger-single")]
    [InlineData("paths|/api/subscriptions|x-ms-notification-content|schema", null, "notification-content")]
    [InlineData("paths|/api/subscriptions|post|x-ms-trigger-hint", null, "trigger-hint")]
    [InlineData("paths|/api/subscriptions|post|responses|201|headers", null, "location")]
    [InlineData("paths|/api/subscriptions|post|parameters|0|required", "false", "notification-url-required")]
    [InlineData("definitions|Subscribe|required", """["events"]""", "notification-url-required")]
    [InlineData("definitions|Subscribe|properties|callbackUrl|x-ms-notification-url", null, "notification-url")]
    [InlineData("definitions|Subscribe|properties|callbackUrl|x-ms-visibility", null, "notification-url-internal")]
    [InlineData("paths|/api/subscriptions/{id}|delete|x-ms-visibility", null, "unsubscribe-internal")]
    [InlineData("definitions|Subscribe|properties|events|items|x-ms-dynamic-values|operationId", "\"Nothing\"", "dynamic-operation")]
    [InlineData("definitions|Subscribe|properties|events|items|x-ms-dynamic-list", null, "dynamic-operation")]
    [InlineData("paths|/api/conversations|get|parameters|2|x-ms-dynamic-values", null, "dynamic-operation")]
    [InlineData("definitions|TemplateToSend|properties|values|x-ms-dynamic-schema", null, "dynamic-operation")]
    [InlineData("definitions|TemplateToSend|properties|values|x-ms-dynamic-properties|operationId", "\"ListTemplates\"", "dynamic-operation")]
    [InlineData("definitions|TemplateToSend|properties|templateName|x-ms-dynamic-values|value-title", "\"label\"", "dynamic-paths")]
    [InlineData("definitions|TemplateList|properties|items", """{"type":"string","title":"x","description":"x"}""", "dynamic-paths")]
    [InlineData("definitions|TemplateSchema|properties|schema", null, "dynamic-paths")]
    [InlineData("definitions|TemplateToSend|properties|values|x-ms-dynamic-properties|parameters", "{}", "dynamic-parameters")]
    [InlineData("paths|/api/templates/{name}/schema|get|parameters|1|name", "\"number\"", "dynamic-parameters")]
    [InlineData("definitions|TemplateToSend|properties|values|x-ms-dynamic-schema|parameters|name|parameter", "\"template\"", "dynamic-references")]
    [InlineData("definitions|ConversationToStart|properties|fromPhoneNumber", null, "dynamic-references")]
    [InlineData("definitions|Subscribe|properties|events|items", null, "array-items")]
    [InlineData("definitions|Conversation|properties|contactName|x-ms-summary", null, "name")]
    [InlineData("definitions|Conversation|properties|contactName|description", null, "description")]
    [InlineData("definitions|Conversation|properties|contactName|type", null, "type")]
    [InlineData("definitions|Conversation|required", "[]", "required-empty")]
    [InlineData("definitions|Conversation|required|0", "\"nothing\"", "required-exists")]
    [InlineData("definitions|Notification|properties|message|description", "\"x\"", "nothing-beside-ref")]
    [InlineData("definitions|Notification|properties|other", """{"$ref":"#/definitions/Conversation2"}""", "ref-exists")]
    public void A_broken_rule_is_found(string path, string? json, string rule)
    {
        var definition = Definition;
        Change(definition, path.Split('|'), json);

        Assert.Contains(ConnectorRules.CheckDefinition(definition), finding => finding.Split(':')[0] == rule);
    }

    [Theory]
    [InlineData("properties|connectionParameters|host name", """{"type":"string","uiDefinition":{"displayName":"x","description":"x","constraints":{"required":"true"}}}""", "connection-parameter-key")]
    [InlineData("properties|connectionParameters|functionKey|type", "\"string\"", "secret-is-securestring")]
    [InlineData("properties|connectionParameters|functionKey|uiDefinition|constraints|required", "true", "required-is-text")]
    [InlineData("properties|connectionParameters|hostName|uiDefinition|description", null, "connection-parameter-text")]
    [InlineData("properties|iconBrandColor", "\"#007ee5\"", "brand-color")]
    [InlineData("properties|iconBrandColor", "\"green\"", "brand-color")]
    [InlineData("properties|policyTemplateInstances|0", null, "dynamic-host")]
    [InlineData("properties|policyTemplateInstances|1", null, "key-header")]
    [InlineData("properties|policyTemplateInstances|2", null, "refused-key")]
    [InlineData("properties|connectionParameters|functionKey", null, "policy-parameter-exists")]
    public void A_broken_rule_of_the_properties_is_found(string path, string? json, string rule)
    {
        var properties = Properties;
        Change(properties, path.Split('|'), json);

        Assert.Contains(ConnectorRules.CheckProperties(properties), finding => finding.Split(':')[0] == rule);
    }

    [Fact]
    public void A_broken_rule_of_the_icon_is_found()
    {
        var png = File.ReadAllBytes(Repository.PathOf("infra", "connector", "icon.png"));
        byte[] small = [.. png];
        small[19] = 100;

        Assert.Equal(["icon-background: #0b6e4f"], ConnectorRules.CheckIcon(png, "#123456"));
        Assert.Equal(["icon-size: 100 x 230"], ConnectorRules.CheckIcon(small, "#0b6e4f"));
        Assert.Equal(["icon-png: no PNG"], ConnectorRules.CheckIcon([1, 2, 3], "#0b6e4f"));
    }

    /// <summary>
    /// Between releases no operation disappears and no output changes its type, since flows that are published go on. A release adds
    /// its lines to <c>contract.txt</c>; a line is never taken out.
    /// </summary>
    [Fact]
    public void Nothing_that_was_published_is_gone_or_another()
    {
        var published = Repository.Read("tests", "ConversationLookup.Tests", "Connector", "contract.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries);

        var contract = Contract(Definition).ToList();

        Assert.Empty(published.Except(contract));
        var added = contract.Except(published).ToList();
        Assert.True(added.Count == 0, $"What is new is published with the next release: add these lines to tests/ConversationLookup.Tests/Connector/contract.txt.\n{string.Join('\n', added)}");
    }

    /// <summary>Each operation, and each output of it with its type: <c>GetConversation contactName string</c>.</summary>
    private static IEnumerable<string> Contract(JsonObject definition)
    {
        foreach (var (path, method, node, item) in ConnectorRules.OperationsOf(definition))
        {
            var id = node["operationId"]!.ToString();
            yield return $"{id} {method} {path}";
            var schema = item["x-ms-notification-content"]?["schema"] ?? (node["responses"]!["200"] ?? node["responses"]!["201"])?["schema"];
            foreach (var output in schema is null ? [] : Outputs(definition, schema, ""))
                yield return $"{id} {output}";
        }
    }

    private static IEnumerable<string> Outputs(JsonObject definition, JsonNode schema, string path)
    {
        var followed = ConnectorRules.Follow(definition, schema);
        yield return $"{(path.Length == 0 ? "." : path)} {followed["type"]}{(followed["format"] is { } format ? $" {format}" : "")}";
        var parts = followed["items"] is { } items
            ? Outputs(definition, items, $"{path}[]")
            : followed["properties"]?.AsObject().SelectMany(property => Outputs(definition, property.Value!, $"{path}/{property.Key}")) ?? [];
        foreach (var part in parts)
            yield return part;
    }

    private static JsonObject Read(string file) => JsonNode.Parse(Repository.Read("infra", "connector", file))!.AsObject();

    private static void Change(JsonNode root, string[] path, string? json)
    {
        var parent = path[..^1].Aggregate(root, (node, name) => node is JsonArray list ? list[int.Parse(name, null)]! : node[name]!);
        var value = json is null ? null : JsonNode.Parse(json);
        switch (parent)
        {
            case JsonArray items when value is null:
                items.RemoveAt(int.Parse(path[^1], null));
                break;
            case JsonArray items:
                items[int.Parse(path[^1], null)] = value;
                break;
            case JsonObject members when value is null:
                Assert.True(members.Remove(path[^1]));
                break;
            default:
                parent[path[^1]] = value;
                break;
        }
    }
}
