using System.Globalization;
using System.Text.Json;
using Azure.Storage.Queues;

namespace ConversationLookup.FunctionsHost;

/// <summary>The part of the published <c>host.json</c> that this host heeds.</summary>
internal sealed record HostJson(string RoutePrefix, QueueSettings Queues)
{
    public static HostJson Read(string directory)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(directory, "host.json")));
        var extensions = json.RootElement.GetProperty("extensions");
        var queues = extensions.GetProperty("queues");
        return new HostJson(
            extensions.GetProperty("http").GetProperty("routePrefix").GetString()!,
            new QueueSettings(
                queues.GetProperty("batchSize").GetInt32(),
                queues.GetProperty("newBatchThreshold").GetInt32(),
                queues.GetProperty("maxDequeueCount").GetInt32(),
                Time(queues.GetProperty("visibilityTimeout")),
                Time(queues.GetProperty("maxPollingInterval")),
                Enum.Parse<QueueMessageEncoding>(queues.GetProperty("messageEncoding").GetString()!, ignoreCase: true)));
    }

    private static TimeSpan Time(JsonElement value) => TimeSpan.Parse(value.GetString()!, CultureInfo.InvariantCulture);
}

/// <summary><c>extensions.queues</c>.</summary>
internal sealed record QueueSettings(
    int BatchSize,
    int NewBatchThreshold,
    int MaxDequeueCount,
    TimeSpan VisibilityTimeout,
    TimeSpan MaxPollingInterval,
    QueueMessageEncoding Encoding);
