using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ConversationLookup.Json;

/// <summary>How everything we answer is written: camelCase, no nulls, times in whole UTC seconds, readable Unicode.</summary>
public static class PayloadJson
{
    /// <summary>
    /// New ones for each feature's serializer context, which wants its own. Letters and emoji stay as they are instead of
    /// <c>\uXXXX</c>: the bodies are only ever sent as JSON with <c>nosniff</c>.
    /// </summary>
    public static JsonSerializerOptions Options() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new UtcSecondsConverter() },
    };

    /// <summary>Power Automate's date-time fields: ISO 8601, UTC, whole seconds, <c>Z</c>.</summary>
    private sealed class UtcSecondsConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        {
            Span<byte> text = stackalloc byte["yyyy-MM-ddTHH:mm:ssZ".Length];
            value.UtcDateTime.TryFormat(text, out var length, "s", CultureInfo.InvariantCulture);
            text[length] = (byte)'Z';
            writer.WriteStringValue(text);
        }
    }
}
