using System.Text.Json.Nodes;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>
/// The sample's media host. Wassist's is another server without a key; the sample's is the same one under <c>/media</c>, where anybody may
/// fetch a picture.
/// </summary>
public static class SampleMedia
{
    /// <summary>What stands before the names of files in the sample's messages, which do not know where the sample listens.</summary>
    public const string AnyHost = "https://sample.invalid/";

    private const string Path = "/media/";

    /// <summary>A blue door, 60 by 100.</summary>
    private const string Door =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
        "AQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFla" +
        "AAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJY" +
        "WVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAA" +
        "E9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADb/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0o" +
        "OjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2Nj" +
        "Y2P/wAARCABkADwDASIAAhEBAxEB/8QAGAABAQEBAQAAAAAAAAAAAAAAAAYHBQT/xAAqEAEAAAQDBgYDAAAAAAAAAAAABkSCwgUREgIEFVSi0QEDExRhcSIjQv/EABkBAAMBAQEAAAAA" +
        "AAAAAAAAAAACBAMFAf/EAB4RAQEAAgIDAQEAAAAAAAAAAAABAzICEhExUSGx/9oADAMBAAIRAxEAPwCqB59737dtz0e48zRrz0/j4+OeX19kkt9PbfHt6Bz+OYdzHRtdjjmHcx0bXY3T" +
        "l8eduP10Bz+OYdzHRtdjjmHcx0bXYdOXwduP10ACvRPxXK12qBPxXK12tMW8Jl1qeAXIwABoIDmrxPxXK12qBPxXK12tMW8Jl1qeAXIwABoIDmrxPxXK12qBPxXK12tMW8Jl1qeAXIwH" +
        "uxLEff8Ap/q9PRn/AFnnnl8fBLeU5SSfn8NJPFtqzAQLRPxXK12qBPxXK12tMW8Jl1qeAXIwABoIDmrxPxXK12qBPxXK12tMW8Jl1qeAXIwABoIDmrxPxXK12g0xbwmXWp4BcjAAGggO" +
        "avf/2Q==";

    /// <summary>A receipt, 64 by 96.</summary>
    private const string Receipt =
        "iVBORw0KGgoAAAANSUhEUgAAAEAAAABgCAAAAACIris0AAAARklEQVR42u3W0QkAIAhFUed0/z1qBonE4jjA+bk8KtbhBQDwGZDFGwjICLAFGQGNW3gAkBHgXZARYAsyAvyRZAQAAIAb" +
        "wAZVvPo8Yfl5cQAAAABJRU5ErkJggg==";

    /// <summary>Has the branch answer <c>GET {name}</c>: a picture for any name that ends like one, else 404, as for a file that is gone.</summary>
    public static void Map(IApplicationBuilder branch) => branch.Run(context =>
    {
        var (type, content) = System.IO.Path.GetExtension(context.Request.Path.Value) switch
        {
            ".jpg" => ("image/jpeg", Door),
            ".png" => ("image/png", Receipt),
            _ => ("", ""),
        };
        var answer = type.Length == 0 ? SampleAnswers.Detail(404, "Not found.") : Results.Bytes(Convert.FromBase64String(content), type);
        return answer.ExecuteAsync(context);
    });

    /// <summary>A message whose files are at the host that the caller named.</summary>
    public static JsonNode At(HttpRequest request, JsonNode message) =>
        JsonNode.Parse(message.ToJsonString().Replace(AnyHost, $"{request.Scheme}://{request.Host}{Path}", StringComparison.Ordinal))!;
}
