using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ConversationLookup.Conversations;
using ConversationLookup.Health;
using ConversationLookup.Problems;
using ConversationLookup.Subscriptions;
using ConversationLookup.Webhooks;

namespace ConversationLookup;

/// <summary>
/// How everything we answer is written: camelCase, no nulls, times in whole UTC seconds, readable Unicode.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcSecondsConverter)])]
[JsonSerializable(typeof(ConversationPage))]
[JsonSerializable(typeof(ConversationSummary))]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(HealthBody))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(OutgoingNotification))]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(SubscriptionBody))]
[JsonSerializable(typeof(WebhookReceipt))]
internal sealed partial class PayloadJson : JsonSerializerContext
{
    /// <summary>
    /// The context to use. It leaves letters and emoji as they are instead of <c>\uXXXX</c>; the bodies are only ever sent as JSON with <c>nosniff</c>.
    /// </summary>
    public static PayloadJson Instance => field ??= // not an initializer: Default's own, in the generated part, may run later
        new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Power Automate's date-time fields: ISO 8601, UTC, whole seconds, <c>Z</c>.</summary>
    private sealed class UtcSecondsConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }
}
