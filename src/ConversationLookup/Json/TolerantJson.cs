using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ConversationLookup.Json;

/// <summary>Opens a body that somebody else wrote (Wassist, or a caller), also where a strict reader would refuse it. Pure.</summary>
public static partial class TolerantJson
{
    /// <summary>No field that is read nests deeper.</summary>
    private const int DeepestField = 16;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <param name="body">The bytes.</param>
    /// <param name="read">Reads the fields; it may be called twice, the second time for the repaired body.</param>
    /// <returns>What was read, and the fields that could not be.</returns>
    /// <exception cref="FormatException">The body is not a JSON object; the message quotes nothing.</exception>
    public static (T Read, IReadOnlyList<UnknownShape> UnknownShapes) Read<T>(ReadOnlyMemory<byte> body, Func<TolerantObject, T> read) =>
        ReadRoot(body, (root, unknownShapes) => root.ValueKind is JsonValueKind.Object
            ? read(new TolerantObject(root, "", "", unknownShapes))
            : throw new FormatException("the body is not a JSON object"));

    /// <summary>Whether a body is a JSON object.</summary>
    public static bool IsObject(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Read(body, _ => true).Read;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <param name="body">The bytes: a bare array, or an envelope with <c>results</c>.</param>
    /// <param name="name">What the list is of, for the paths of fields that cannot be read.</param>
    /// <param name="read">Reads one item; null leaves it out.</param>
    /// <returns>What was read, and the fields that could not be.</returns>
    /// <exception cref="FormatException">The body is neither; the message quotes nothing.</exception>
    public static (TolerantList<T> Read, IReadOnlyList<UnknownShape> UnknownShapes) ReadList<T>(
        ReadOnlyMemory<byte> body, string name, Func<TolerantObject, T?> read)
        where T : class => ReadRoot(body, (root, unknownShapes) =>
    {
        int? count = null;
        bool? hasNext = null;
        var list = root;
        if (root.ValueKind is JsonValueKind.Object && root.TryGetProperty("results", out list))
        {
            var envelope = new TolerantObject(root, "", "", unknownShapes);
            (count, hasNext) = (envelope.WholeNumber("count"), envelope.Text("next") is not null);
        }

        if (list.ValueKind is not JsonValueKind.Array)
            throw new FormatException("the body is neither a JSON array nor an object with 'results'");
        var items = $"{name}[]";
        return new TolerantList<T>([.. list.EnumerateArray().Select(item => ReadItem(item, items, read, unknownShapes))], count, hasNext);
    });

    private static T? ReadItem<T>(JsonElement item, string items, Func<TolerantObject, T?> read, List<UnknownShape> unknownShapes)
        where T : class
    {
        var known = item.ValueKind is JsonValueKind.Object ? read(new TolerantObject(item, "", items, unknownShapes)) : null;
        if (known is null)
            unknownShapes.Add(new UnknownShape(items, item.ValueKind));
        return known;
    }

    private static (T Read, IReadOnlyList<UnknownShape> UnknownShapes) ReadRoot<T>(
        ReadOnlyMemory<byte> body, Func<JsonElement, List<UnknownShape>, T> read)
    {
        if (body.Span.StartsWith(ByteOrderMark))
            body = body[ByteOrderMark.Length..];

        try
        {
            return ReadDocument(body, read);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            try
            {
                return ReadDocument(Repair(body.Span), read);
            }
            catch (JsonException)
            {
                throw new FormatException("the body is not JSON");
            }
        }
    }

    private static (T Read, IReadOnlyList<UnknownShape> UnknownShapes) ReadDocument<T>(
        ReadOnlyMemory<byte> body, Func<JsonElement, List<UnknownShape>, T> read)
    {
        using var document = JsonDocument.Parse(body);
        var unknownShapes = new List<UnknownShape>();
        return (read(document.RootElement, unknownShapes), unknownShapes);
    }

    /// <summary>
    /// Takes out of a body what a JSON document refuses and no field needs: text that is not Unicode (bad UTF-8, or half a surrogate
    /// pair where an emoji was cut), Python's <c>NaN</c> and <c>Infinity</c>, and nesting deeper than 64.
    /// </summary>
    /// <exception cref="JsonException">It is not JSON for another reason.</exception>
    private static byte[] Repair(ReadOnlySpan<byte> body)
    {
        var text = Escape().Replace(Encoding.UTF8.GetString(body), match => match.Groups["lone"].Success ? @"\ufffd" : match.Value);
        return CutDeepValues(Encoding.UTF8.GetBytes(StringOrNoNumber().Replace(text, match => match.Value[0] == '"' ? match.Value : "null")));
    }

    /// <summary>The reader takes any depth in linear time; <see cref="JsonDocument"/> needs 13 s for a depth of 100,000.</summary>
    private static byte[] CutDeepValues(ReadOnlySpan<byte> body)
    {
        var kept = new ArrayBufferWriter<byte>();
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = body.Length });
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

    /// <summary>A string that does not end goes to the end of the body, so that every body is read in one pass.</summary>
    [GeneratedRegex("""(?>"(?>[^"\\]+|\\.?)*(?:"|\z))|-?(?:NaN|Infinity)""", RegexOptions.Singleline)]
    private static partial Regex StringOrNoNumber();
}

/// <summary>A list as somebody else wrote it.</summary>
/// <param name="Items">One for each that was sent; null for one that could not be read.</param>
/// <param name="Count">How many there are in all, if it says.</param>
/// <param name="HasNext">Whether it says that there are more; null for a bare array, which does not say.</param>
public sealed record TolerantList<T>(IReadOnlyList<T?> Items, int? Count, bool? HasNext)
    where T : class;
