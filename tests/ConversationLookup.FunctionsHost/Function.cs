using System.Text.Json;
using ConversationLookup.FunctionsHost.Protocol;

namespace ConversationLookup.FunctionsHost;

/// <summary>A function as the worker tells of it.</summary>
internal sealed record Function(FunctionMetadata Metadata, Trigger Trigger)
{
    public string Name => Metadata.Name;

    public string Id => Metadata.FunctionId;

    /// <summary>Reads the bindings, which the worker gives as JSON.</summary>
    public static Function From(FunctionMetadata metadata) => new(metadata, metadata.RawBindings.Select(ToTrigger).OfType<Trigger>().Single());

    private static Trigger? ToTrigger(string binding)
    {
        using var json = JsonDocument.Parse(binding);
        var root = json.RootElement;
        var name = root.GetProperty("name").GetString()!;
        return root.GetProperty("type").GetString() switch
        {
            "httpTrigger" => new HttpTrigger(
                name,
                root.GetProperty("authLevel").GetString()!,
                [.. root.GetProperty("methods").EnumerateArray().Select(method => method.GetString()!.ToUpperInvariant())],
                root.GetProperty("route").GetString()!),
            "queueTrigger" => new QueueTrigger(name, root.GetProperty("queueName").GetString()!),
            "timerTrigger" => new TimerTrigger(name, root.GetProperty("schedule").GetString()!),
            _ => null, // what a function answers with
        };
    }
}

/// <summary>What starts a function.</summary>
/// <param name="Parameter">The function's parameter that it is bound to.</param>
internal abstract record Trigger(string Parameter);

internal sealed record HttpTrigger(string Parameter, string AuthLevel, IReadOnlyList<string> Methods, string Route) : Trigger(Parameter)
{
    public bool NeedsKey => !AuthLevel.Equals("anonymous", StringComparison.OrdinalIgnoreCase);
}

internal sealed record QueueTrigger(string Parameter, string Queue) : Trigger(Parameter);

internal sealed record TimerTrigger(string Parameter, string Schedule) : Trigger(Parameter);
