using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ConversationLookup.Wassist;

/// <summary>Opens a body that Wassist wrote, an answer or an event, also where a strict reader would refuse it. Pure.</summary>
internal static partial class TolerantJson
{
    /// <summary>No field that is read nests deeper.</summary>
    private const int DeepestField = 16;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <param name="body">The bytes, at most <see cref="WassistClient.LargestBody"/>.</param>
    /// <param name="read">Reads the fields; it may be called twice, the second time for the repaired body.</param>
    /// <returns>What was read, and the fields that could not be.</returns>
    /// <exception cref="FormatException">The body is not a JSON object; the message quotes nothing.</exception>
    public static (T Read, IReadOnlyList<UnknownShape> UnknownShapes) Read<T>(ReadOnlyMemory<byte> body, Func<TolerantObject, T> read)
    {
        if (body.Span.StartsWith(ByteOrderMark))
            body = body[ByteOrderMark.Length..];

        try
        {
            return ReadObject(body, read);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            try
            {
                return ReadObject(Repair(body.Span), read);
            }
            catch (JsonException)
            {
                throw new FormatException("the body is not JSON");
            }
        }
    }

    private static (T Read, IReadOnlyList<UnknownShape> UnknownShapes) ReadObject<T>(ReadOnlyMemory<byte> body, Func<TolerantObject, T> read)
    {
        using var document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind is not JsonValueKind.Object)
            throw new FormatException("the body is not a JSON object");

        var unknownShapes = new List<UnknownShape>();
        return (read(new TolerantObject(document.RootElement, "", unknownShapes)), unknownShapes);
    }

    /// <summary>
    /// Takes out of a body what a JSON document refuses and no field needs: text that is not Unicode (bad UTF-8, or half a surrogate
    /// pair where an emoji was cut), and nesting deeper than 64.
    /// </summary>
    /// <exception cref="JsonException">It is not JSON for another reason.</exception>
    private static byte[] Repair(ReadOnlySpan<byte> body) => CutDeepValues(ReplaceInvalidText(body));

    private static byte[] ReplaceInvalidText(ReadOnlySpan<byte> body) =>
        Encoding.UTF8.GetBytes(Escape().Replace(Encoding.UTF8.GetString(body), match => match.Groups["lone"].Success ? @"\ufffd" : match.Value));

    /// <summary>The reader takes any depth in linear time; <see cref="JsonDocument"/> needs 13 s for a depth of 100,000.</summary>
    private static byte[] CutDeepValues(ReadOnlySpan<byte> body)
    {
        var kept = new ArrayBufferWriter<byte>();
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = WassistClient.LargestBody });
        var copied = 0;
        while (reader.Read())
        {
            if (reader.CurrentDepth < DeepestField || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
                continue;
            kept.Write(body[copied..(int)reader.TokenStartIndex]);
            kept.Write("null"u8);
            reader.Skip();
            copied = (int)reader.BytesConsumed;
        }

        kept.Write(body[copied..]);
        return kept.WrittenSpan.ToArray();
    }

    [GeneratedRegex(@"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", RegexOptions.Singleline)]
    private static partial Regex Escape();
}
