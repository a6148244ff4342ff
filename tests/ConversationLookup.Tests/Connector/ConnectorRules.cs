using System.Buffers.Binary;
using System.IO.Compression;
using System.Net.Mail;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ConversationLookup.Tests.Connector;

/// <summary>
/// What the Power Platform demands of a connector's files. Microsoft's own validator runs in its cloud; these are its rules as its
/// connector repository states them in JSON schemas, validator messages and published connectors.
/// </summary>
internal static partial class ConnectorRules
{
    private const int LongestSummary = 80;

    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "head", "patch"];

    private static readonly string[] ProductNames = ["API", "Connector", "Power Apps", "Power Automate", "Power Platform", "Logic Apps", "Dynamics", "Copilot"];

    private static readonly string[] Formats = ["uuid", "date-time", "int32", "int64"];

    private static readonly string[] ListedErrors = ["400", "401", "403", "404", "409", "413", "422", "424", "429", "502", "503", "504"];

    /// <summary>What fills an input from another operation: older designers read the first of each pair, newer ones the second.</summary>
    private static readonly (string Older, string Newer, (string Older, string Newer)[] Paths)[] Dynamics =
    [
        ("x-ms-dynamic-values", "x-ms-dynamic-list", [("value-collection", "itemsPath"), ("value-path", "itemValuePath"), ("value-title", "itemTitlePath")]),
        ("x-ms-dynamic-schema", "x-ms-dynamic-properties", [("value-path", "itemValuePath")]),
    ];

    /// <summary>Every finding in a definition, each with the name of its rule.</summary>
    public static IReadOnlyList<string> CheckDefinition(JsonObject definition)
    {
        var findings = new List<string>();
        void Require(bool holds, string rule, string where)
        {
            if (!holds)
                findings.Add($"{rule}: {where}");
        }

        foreach (var (node, path) in Everything(definition, ""))
        {
            if (node is JsonObject some && some["$ref"] is { } target)
                Require(Resolve(definition, target.ToString()) is not null, "ref-exists", $"{path} {target}");
        }

        if (findings.Count > 0)
            return findings; // the others follow references

        CheckTop(definition, Require);
        foreach (var operation in OperationsOf(definition))
        {
            CheckOperation(operation, definition, Require);
            CheckDynamics(operation.Node, definition, $"{operation.Method} {operation.Path}", Require);
        }

        var ids = OperationsOf(definition).Select(operation => Text(operation.Node, "operationId")).ToList();
        Require(ids.Distinct(StringComparer.OrdinalIgnoreCase).Count() == ids.Count, "operation-id-unique", string.Join(", ", ids));
        Require(ids.Contains(Text(definition["x-ms-capabilities"]?["testConnection"], "operationId")), "test-connection", "x-ms-capabilities");
        foreach (var (name, schema) in definition["definitions"]?.AsObject() ?? [])
            CheckSchema(schema!.AsObject(), $"definitions/{name}", definition, Require);
        foreach (var (node, path) in Everything(definition, ""))
        {
            if (node is JsonObject { Count: > 1 } with && with.ContainsKey("$ref"))
                Require(false, "nothing-beside-ref", path);
            if (node is JsonObject visible && visible["x-ms-visibility"] is { } visibility)
                Require(visibility.ToString() is "important" or "advanced" or "internal", "visibility", path);
        }

        return findings;
    }

    /// <summary>Every finding in the properties, and whether the definition's demands on the connection are met.</summary>
    public static IReadOnlyList<string> CheckProperties(JsonObject file)
    {
        var findings = new List<string>();
        void Require(bool holds, string rule, string where)
        {
            if (!holds)
                findings.Add($"{rule}: {where}");
        }

        var properties = file["properties"]!;
        foreach (var (name, parameter) in properties["connectionParameters"]!.AsObject())
        {
            Require(ParameterKey().IsMatch(name), "connection-parameter-key", name);
            Require(!Secret().IsMatch(name) || Text(parameter, "type") == "securestring", "secret-is-securestring", name);
            Require(parameter!["uiDefinition"]?["constraints"]?["required"] is JsonValue required && required.TryGetValue<string>(out var text) && text == "true", "required-is-text", name);
            Require(Text(parameter["uiDefinition"], "displayName") != "" && Text(parameter["uiDefinition"], "description") != "", "connection-parameter-text", name);
        }

        var color = Text(properties, "iconBrandColor");
        Require(Color().IsMatch(color) && !color.Equals("#007ee5", StringComparison.OrdinalIgnoreCase) && !color.Equals("#ffffff", StringComparison.OrdinalIgnoreCase), "brand-color", color);
        var policies = properties["policyTemplateInstances"]!.AsArray().ToDictionary(policy => Text(policy, "templateId"), policy => policy!["parameters"]!);
        Require(policies.TryGetValue("dynamichosturl", out var host) && Text(host, "x-ms-apimTemplateParameter.urlTemplate") == "https://@connectionParameters('hostName')", "dynamic-host", "policies");
        Require(policies.TryGetValue("setheader", out var header) && Text(header, "x-ms-apimTemplateParameter.name") == "x-functions-key", "key-header", "policies");
        Require(policies.ContainsKey("setconnectionstatustounauthenticated"), "refused-key", "policies");
        var parameters = properties["connectionParameters"]!.AsObject();
        foreach (Match used in ConnectionParameter().Matches(properties["policyTemplateInstances"]!.ToJsonString().Replace("\\u0027", "'", StringComparison.Ordinal)))
            Require(parameters.ContainsKey(used.Groups["name"].Value), "policy-parameter-exists", used.Value);
        return findings;
    }

    /// <summary>Every finding in the icon: a square PNG of 230 pixels, its corner neither white nor transparent.</summary>
    public static IReadOnlyList<string> CheckIcon(byte[] png, string brandColor)
    {
        if (!png.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
            return ["icon-png: no PNG"];
        var (width, height, depth, colorType) = (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)), png[24], png[25]);
        var findings = new List<string>();
        if (width != 230 || height != 230)
            findings.Add($"icon-size: {width} x {height}");
        if (depth != 8 || colorType is not (2 or 6))
            return [.. findings, "icon-format: 8-bit RGB or RGBA is expected"];

        // The first pixel is the same under every row filter: there is nothing to its left and nothing above.
        using var compressed = new MemoryStream();
        for (var at = 8; at < png.Length; at += 12 + BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at)))
        {
            if (png.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8))
                compressed.Write(png.AsSpan(at + 8, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at))));
        }

        compressed.Position = 0;
        using var pixels = new ZLibStream(compressed, CompressionMode.Decompress);
        var first = new byte[5]; // the row's filter, then the pixel
        pixels.ReadAtLeast(first, colorType == 6 ? 5 : 4);
        var corner = $"#{Convert.ToHexStringLower(first.AsSpan(1, 3))}";
        if (corner != brandColor || (colorType == 6 && first[4] != 255))
            findings.Add($"icon-background: {corner}");
        return findings;
    }

    /// <summary>Every operation with its path, method and path item.</summary>
    public static IEnumerable<(string Path, string Method, JsonObject Node, JsonObject Item)> OperationsOf(JsonObject definition) =>
        from path in definition["paths"]!.AsObject()
        from member in path.Value!.AsObject()
        where Methods.Contains(member.Key)
        select (path.Key, member.Key, member.Value!.AsObject(), path.Value!.AsObject());

    /// <summary>A schema, followed through its reference.</summary>
    public static JsonObject Follow(JsonObject definition, JsonNode schema) =>
        schema["$ref"] is { } reference ? Resolve(definition, reference.ToString())! : schema.AsObject();

    /// <summary>
    /// Every input of an operation that a flow may set, by the path at which newer designers refer to it: the name of a parameter, or
    /// <c>body/property</c>.
    /// </summary>
    public static IEnumerable<(string Path, JsonObject Node)> InputsOf(JsonObject operation, JsonObject definition) =>
        (operation["parameters"]?.AsArray() ?? []).SelectMany(parameter => Inputs(Text(parameter, "name"), parameter!["schema"] ?? parameter, definition));

    private static IEnumerable<(string Path, JsonObject Node)> Inputs(string path, JsonNode node, JsonObject definition)
    {
        var followed = Follow(definition, node);
        var parts = followed["properties"]?.AsObject().SelectMany(property => Inputs($"{path}/{property.Key}", property.Value!, definition)) ?? [];
        return [(path, followed), .. parts, .. followed["items"] is { } items ? Inputs($"{path}/items", items, definition) : []];
    }

    private static void CheckDynamics(JsonObject host, JsonObject definition, string where, Action<bool, string, string> require)
    {
        var inputs = InputsOf(host, definition).ToList();
        foreach (var (path, node) in inputs)
        {
            foreach (var (older, newer, paths) in Dynamics.Where(pair => node[pair.Older] is not null || node[pair.Newer] is not null))
            {
                var name = $"{where} {path}";
                var target = OperationsOf(definition).FirstOrDefault(operation => Text(operation.Node, "operationId") == Text(node[older], "operationId")).Node;
                var twins = target is not null && Text(node[newer], "operationId") == Text(node[older], "operationId");
                require(twins, "dynamic-operation", name);
                if (!twins)
                    continue;

                require(paths.All(twin => Text(node[older], twin.Older) == Text(node[newer], twin.Newer)), "dynamic-paths", name);
                require(Reaches(target!["responses"]!["200"]!["schema"]!, paths.Select(twin => Text(node[older], twin.Older)), definition), "dynamic-paths", name);
                var (names, references) = (References(node[older]!, "parameter"), References(node[newer]!, "parameterReference"));
                var parameters = target["parameters"]?.AsArray() ?? [];
                require(
                    parameters.Where(parameter => (bool?)parameter!["required"] ?? false).All(parameter => references.ContainsKey(Text(parameter, "name")))
                        && references.Keys.All(reference => parameters.Any(parameter => Text(parameter, "name") == reference)),
                    "dynamic-parameters", name);
                require(
                    references.Values.All(reference => inputs.Exists(input => input.Path == reference))
                        && names.OrderBy(pair => pair.Key).SequenceEqual(references.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Split('/')[^1])).OrderBy(pair => pair.Key)),
                    "dynamic-references", name);
            }
        }
    }

    private static Dictionary<string, string> References(JsonNode extension, string kind) =>
        extension["parameters"]?.AsObject().ToDictionary(parameter => parameter.Key, parameter => Text(parameter.Value, kind)) ?? [];

    /// <summary>Whether an answer has a collection whose items have the other properties, or just the property.</summary>
    private static bool Reaches(JsonNode schema, IEnumerable<string> paths, JsonObject definition)
    {
        var names = paths.ToList();
        var first = Follow(definition, schema)["properties"]?[names[0]];
        return first is not null && (names.Count == 1
            || (first["items"] is { } items && names.Skip(1).All(name => Follow(definition, items)["properties"]?[name] is not null)));
    }

    private static void CheckTop(JsonObject definition, Action<bool, string, string> require)
    {
        require(Text(definition, "swagger") == "2.0", "swagger-version", Text(definition, "swagger"));
        require(Host().IsMatch(Text(definition, "host")), "host", Text(definition, "host"));
        require(Text(definition, "basePath").StartsWith('/'), "base-path", Text(definition, "basePath"));
        require(definition["schemes"]?.ToJsonString() == "[\"https\"]", "https-only", "schemes");
        var paths = definition["paths"]!.AsObject().Select(path => path.Key).ToList();
        require(paths.TrueForAll(path => path.StartsWith('/')), "path-slash", string.Join(", ", paths));
        require(paths.Select(path => PathParameter().Replace(path, "{}")).Distinct(StringComparer.OrdinalIgnoreCase).Count() == paths.Count, "path-unique", string.Join(", ", paths));

        var info = definition["info"]!;
        var title = Text(info, "title");
        require(title.Length is > 0 and <= 30 && !ProductNames.Any(name => title.Contains(name, StringComparison.OrdinalIgnoreCase)), "title", title);
        require(Text(info, "description").Length is >= 30 and <= 500, "info-description", Text(info, "description"));
        require(MailAddress.TryCreate(Text(info["contact"], "email"), out _) && Uri.TryCreate(Text(info["contact"], "url"), UriKind.Absolute, out _), "contact", "info/contact");
        var metadata = definition["x-ms-connector-metadata"]?.AsArray().Select(entry => Text(entry, "propertyName")) ?? [];
        require(metadata.Order().SequenceEqual(["Categories", "Privacy policy", "Website"]), "connector-metadata", string.Join(", ", metadata));
    }

    private static void CheckOperation(
        (string Path, string Method, JsonObject Node, JsonObject Item) operation, JsonObject definition, Action<bool, string, string> require)
    {
        var (path, method, node, item) = operation;
        var where = $"{method} {path}";
        var (summary, description) = (Text(node, "summary"), Text(node, "description"));
        var isTrigger = node.ContainsKey("x-ms-trigger");
        require(OperationId().IsMatch(Text(node, "operationId")), "operation-id", where);
        require(summary.Length is > 0 and <= LongestSummary && !summary.Contains('/') && char.IsLetterOrDigit(summary[^1]), "summary", where);
        require(!isTrigger || summary.StartsWith("When a", StringComparison.Ordinal), "trigger-summary", where);
        require(description.EndsWith('.') && description.TrimEnd('.') != summary, "operation-description", where);

        var responses = node["responses"]!.AsObject();
        var successes = responses.Where(response => response.Key is "200" or "201").ToList();
        require(successes.TrueForAll(response => response.Value!["schema"] is JsonObject { Count: > 0 }), "success-schema", where);
        require(successes.Count <= 1 && (successes.Count == 1 || responses.ContainsKey("204")), "one-success", where);
        require(responses["default"] is null, "no-default", where);
        require(responses.All(response => Text(response.Value, "description") != ""), "response-description", where);
        require(responses.All(response => response.Key.StartsWith('2') || ListedErrors.Contains(response.Key)), "error-listed", where);
        require(responses.Any(response => response.Key.StartsWith('4') || response.Key.StartsWith('5')), "errors-listed", where);

        var parameters = node["parameters"]?.AsArray().Select(parameter => parameter!.AsObject()).ToList() ?? [];
        require(method != "get" || parameters.TrueForAll(parameter => Text(parameter, "in") != "body"), "no-body-on-get", where);
        require(
            PathParameter().Matches(path).Select(match => match.Groups["name"].Value).Order()
                .SequenceEqual(parameters.Where(parameter => Text(parameter, "in") == "path").Select(parameter => Text(parameter, "name")).Order()),
            "path-parameters", where);
        foreach (var parameter in parameters)
        {
            var name = $"{where} {Text(parameter, "name")}";
            var required = (bool?)parameter["required"] ?? false;
            require(Text(parameter, "name") != "connectionId", "connection-id", name);
            require(Text(parameter, "in") != "path" || (required && Text(parameter, "x-ms-url-encoding") == "single"), "path-parameter", name);
            require(Text(parameter, "x-ms-visibility") != "internal" || parameter["default"] is null || required, "internal-default", name);
            CheckNamed(parameter, name, require);
            if (Text(parameter, "in") != "body")
                CheckType(parameter, name, require);
        }

        if (isTrigger)
            CheckTrigger(node, item, definition, where, require);
        if (method == "delete")
            require(Text(node, "x-ms-visibility") == "internal", "unsubscribe-internal", where);
    }

    private static void CheckTrigger(JsonObject node, JsonObject item, JsonObject definition, string where, Action<bool, string, string> require)
    {
        require(Text(node, "x-ms-trigger") == "single" && item["post"] == node, "trigger-single", where);
        require(item["x-ms-notification-content"]?["schema"] is JsonObject { Count: > 0 }, "notification-content", where);
        require(Text(node, "x-ms-trigger-hint") != "", "trigger-hint", where);
        require(node["responses"]?["201"]?["headers"]?["Location"] is not null, "location", where);

        var body = node["parameters"]!.AsArray().Single(parameter => Text(parameter, "in") == "body")!.AsObject();
        var schema = Follow(definition, body["schema"]!);
        var callbacks = schema["properties"]!.AsObject().Where(property => (bool?)property.Value!["x-ms-notification-url"] ?? false).ToList();
        require(callbacks.Count == 1, "notification-url", where);
        foreach (var (name, callback) in callbacks)
        {
            require(Text(callback, "type") == "string" && Text(callback, "x-ms-visibility") == "internal", "notification-url-internal", name);
            require(
                ((bool?)body["required"] ?? false) && (schema["required"]?.AsArray().Any(required => required!.ToString() == name) ?? false),
                "notification-url-required", name);
        }
    }

    private static void CheckSchema(JsonObject schema, string where, JsonObject definition, Action<bool, string, string> require)
    {
        require(schema["required"] is not JsonArray { Count: 0 }, "required-empty", where);
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            var followed = Follow(definition, property!);
            CheckNamed(followed, $"{where}/{name}", require);
            CheckType(followed, $"{where}/{name}", require);
        }

        var unknown = schema["required"]?.AsArray().Where(name => schema["properties"]?[name!.ToString()] is null) ?? [];
        require(!unknown.Any(), "required-exists", where);
    }

    private static void CheckNamed(JsonObject node, string where, Action<bool, string, string> require)
    {
        var title = Text(node, "x-ms-summary") is { Length: > 0 } summary ? summary : Text(node, "title");
        require(title.Length is > 0 and <= LongestSummary, "name", where);
        require(Text(node, "description") != "", "description", where);
    }

    private static void CheckType(JsonObject node, string where, Action<bool, string, string> require)
    {
        require(Text(node, "type") is "string" or "boolean" or "integer" or "array" or "object", "type", where);
        require(Text(node, "type") != "array" || node["items"] is JsonObject { Count: > 0 }, "array-items", where);
        require(node["format"] is null || Formats.Contains(Text(node, "format")), "format", where);
        require(Text(node, "type") != "integer" || Text(node, "format") is "int32" or "int64", "integer-format", where);
    }

    private static JsonObject? Resolve(JsonObject definition, string reference) =>
        reference.StartsWith("#/definitions/", StringComparison.Ordinal) ? definition["definitions"]?[reference["#/definitions/".Length..]]?.AsObject() : null;

    private static IEnumerable<(JsonNode Node, string Path)> Everything(JsonNode node, string path) => node switch
    {
        JsonObject members => members.Where(member => member.Value is not null).SelectMany(member => Everything(member.Value!, $"{path}/{member.Key}")).Prepend((node, path)),
        JsonArray items => items.OfType<JsonNode>().SelectMany((item, index) => Everything(item, $"{path}/{index}")).Prepend((node, path)),
        _ => [(node, path)],
    };

    private static string Text(JsonNode? node, string name) => node?[name]?.ToString() ?? "";

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]*(:[0-9]+)?\z")]
    private static partial Regex Host();

    [GeneratedRegex(@"^([A-Z][a-z0-9]*)+\z")]
    private static partial Regex OperationId();

    [GeneratedRegex(@"^[A-Za-z0-9_]+\z")]
    private static partial Regex ParameterKey();

    [GeneratedRegex("key|secret|password|token", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"^#[0-9a-fA-F]{6}\z")]
    private static partial Regex Color();

    [GeneratedRegex(@"\{(?<name>[^}]*)\}")]
    private static partial Regex PathParameter();

    [GeneratedRegex(@"@connectionParameters\('(?<name>[^']*)'\)")]
    private static partial Regex ConnectionParameter();
}
