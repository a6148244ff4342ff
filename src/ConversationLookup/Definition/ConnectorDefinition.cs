using System.Text.Json.Nodes;

namespace ConversationLookup.Definition;

/// <summary>The connector's Swagger 2.0 definition: <c>infra/connector/apiDefinition.swagger.json</c>, which is part of this assembly.</summary>
public static class ConnectorDefinition
{
    private const string Resource = "apiDefinition.swagger.json";

    private static readonly JsonObject Template = Read();

    /// <summary>A copy to change, with the address of a deployed app.</summary>
    public static JsonObject At(string scheme, string host, string path)
    {
        var definition = Template.DeepClone().AsObject();
        definition["host"] = host;
        definition["basePath"] = $"{path}/";
        definition["schemes"] = new JsonArray(scheme);
        return definition;
    }

    private static JsonObject Read()
    {
        using var stream = typeof(ConnectorDefinition).Assembly.GetManifestResourceStream(Resource)!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
