using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>The resources that <c>infra/main.bicep</c> would make, as the compiler predicts them for one set of parameters.</summary>
internal sealed class Prediction
{
    private static readonly string[] Names = ["default", "private-network", "entra"];

    private static readonly ConcurrentDictionary<string, Task<Prediction>> Predicted = [];

    private Prediction(JsonNode snapshot)
    {
        Json = snapshot;
        Resources = [.. snapshot["predictedResources"]!.AsArray().Select(resource => resource!.AsObject())];
    }

    /// <summary>The parameter files beside this class.</summary>
    public static TheoryData<string> All => [.. Names];

    public JsonNode Json { get; }

    public IReadOnlyList<JsonObject> Resources { get; }

    /// <summary>For the parameter file of this name; predicted once.</summary>
    public static Task<Prediction> OfAsync(string parameters) => Predicted.GetOrAdd(parameters, PredictAsync);

    /// <summary>The only resource of a type.</summary>
    public JsonObject One(string type) => Assert.Single(Many(type));

    public IEnumerable<JsonObject> Many(string type) => Resources.Where(resource => resource["type"]!.ToString() == type);

    /// <summary>The last part of each name.</summary>
    public IEnumerable<string> NamesOf(string type) => Many(type).Select(resource => resource["name"]!.ToString().Split('/')[^1]);

    /// <summary>Asserts values by their path under <c>properties</c>.</summary>
    public static void AssertProperties(JsonObject resource, params (string Path, object Value)[] expected)
    {
        foreach (var (path, value) in expected)
        {
            var actual = path.Split('.').Aggregate((JsonNode?)resource["properties"], (node, name) => node?[name]);
            Assert.True(JsonNode.DeepEquals(JsonValue.Create(value), actual), $"{resource["type"]} {path} is {actual?.ToJsonString() ?? "missing"}, not {value}");
        }
    }

    /// <summary>Why a parameter file with one line more would deploy nothing; empty where it would deploy something.</summary>
    public static Task<string> RefusalOfAsync(string parameters, string more) => OnACopyAsync(parameters, async file =>
    {
        await File.AppendAllTextAsync(file, more, TestContext.Current.CancellationToken);
        return await Bicep.SnapshotAsync(file);
    });

    private static Task<Prediction> PredictAsync(string parameters) => OnACopyAsync(parameters, async file =>
    {
        Assert.Equal("", await Bicep.SnapshotAsync(file));
        return new Prediction(JsonNode.Parse(await File.ReadAllTextAsync(Path.ChangeExtension(file, "snapshot.json"), TestContext.Current.CancellationToken))!);
    });

    /// <summary>On a copy, because the compiler writes its prediction beside the parameters.</summary>
    private static async Task<T> OnACopyAsync<T>(string parameters, Func<string, Task<T>> use)
    {
        var root = Directory.CreateTempSubdirectory("prediction").FullName;
        try
        {
            Repository.CopyOf("infra", root);
            return await use(Path.Combine(root, Repository.CopyOf(Path.Combine("tests", "ConversationLookup.Tests", "Infrastructure", $"{parameters}.bicepparam"), root).Single()));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
