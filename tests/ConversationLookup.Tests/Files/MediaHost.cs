using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Files;

/// <summary>A media host on a real socket, whose answer to each path a test chooses, and an upstream with a message that names its files.</summary>
internal sealed class MediaHost : IAsyncDisposable
{
    /// <summary>The message that names the files.</summary>
    public const string MessageId = "21111111-aaaa-4bbb-8ccc-00000000000a";

    /// <summary>The same message's id in WhatsApp.</summary>
    public const string WhatsAppId = "wamid.HBgM/NDQ3+NzAw==";

    private readonly LocalServer _app;

    private MediaHost(LocalServer app) => _app = app;

    public static byte[] Jpeg { get; } = [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, .. "JFIF\0"u8, .. new byte[600]];

    public static byte[] Png { get; } = [0x89, .. "PNG\r\n\x1A\n"u8, .. new byte[600]];

    public string Url => _app.Url;

    public RequestDelegate Answer { get; set; } = Bytes(Jpeg, "image/jpeg");

    /// <summary>The path and the headers of each request.</summary>
    public ConcurrentQueue<(string Path, string Headers)> Requests { get; } = [];

    public static async Task<MediaHost> StartAsync()
    {
        MediaHost? host = null;
        var app = await LocalServer.StartAsync(context =>
        {
            host!.Requests.Enqueue((context.Request.Path + context.Request.QueryString, string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"))));
            return host.Answer(context);
        });
        return host = new MediaHost(app);
    }

    public static RequestDelegate Bytes(byte[] content, string type) => async context =>
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content);
    };

    public static RequestDelegate Redirect(string target, int status = 302) => context =>
    {
        (context.Response.StatusCode, context.Response.Headers.Location) = (status, target);
        return Task.CompletedTask;
    };

    /// <summary>An upstream whose conversation has one message with these files.</summary>
    public static async Task<FakeWassist> WassistWithAsync(params (string Url, string? Type)[] files)
    {
        var wassist = await FakeWassist.StartAsync();
        wassist.Answer = FakeWassist.Routes(messages: FakeWassist.Raw(System.Text.Encoding.UTF8.GetBytes(new JsonArray(MessageWith(files)).ToJsonString())));
        return wassist;
    }

    /// <summary>The message that has these files.</summary>
    public static JsonObject MessageWith(params (string Url, string? Type)[] files) => new()
    {
        ["id"] = MessageId,
        ["waId"] = WhatsAppId,
        ["role"] = "user",
        ["type"] = "unified",
        ["createdAt"] = "2026-11-21T18:03:40Z",
        ["unified"] = new JsonObject { ["body"] = "Here", ["media"] = new JsonArray([.. files.Select(file => new JsonObject { ["url"] = file.Url, ["mimeType"] = file.Type })]) },
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
