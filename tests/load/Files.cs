using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Load;

/// <summary>Many callers at once get a large file each, through the local host in a process of its own, which must not hold them in memory.</summary>
internal static class Files
{
    private const string MessageId = "21111111-aaaa-4bbb-8ccc-00000000000a";

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = CommandLine.Parse<FilesOptions>(arguments);
        var (callers, length) = (options.Callers, options.Mebibytes * 1024L * 1024);
        byte[] piece = [0xFF, 0xD8, 0xFF, .. RandomNumberGenerator.GetBytes((1024 * 1024) - 3)];
        var (upstreamUrl, appUrl) = (Comparison.FreeUrl(), Comparison.FreeUrl());
        await using var upstream = await StartAsync(upstreamUrl, piece, length);
        using var app = Peer.StartApp(
            appUrl,
            ("Wassist__BaseUrl", $"{upstreamUrl}"),
            ("Wassist__ApiKey", "load-key"),
            ("Wassist__RequestsPerMinute", "0"),
            ("Files__AllowLocalHosts", "true"));
        await app.ReadyAsync();
        using var http = new HttpClient { BaseAddress = appUrl };
        var path = $"api/conversations/{Guid.NewGuid()}/messages/{MessageId}/media";
        _ = await GetAsync(http, path);
        var before = app.Peak;
        Output.Print($"after one file       {before} MiB resident at most");

        var started = Stopwatch.GetTimestamp();
        var lengths = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => GetAsync(http, path)));

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Output.Print($"{callers} files at once     {app.Peak} MiB resident at most; {lengths.Sum() / 1024 / 1024:N0} MiB in {seconds:F1} s; {lengths.Count(got => got == length)} of {callers} whole");
        return lengths.All(got => got == length) ? 0 : 1;
    }

    private static async Task<long> GetAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync();
        var (buffer, length) = (new byte[64 * 1024], 0L);
        while (await body.ReadAsync(buffer) is > 0 and var read)
            length += read;
        return length;
    }

    /// <summary>A Wassist whose every conversation has one message, and the host of its file.</summary>
    private static async Task<WebApplication> StartAsync(Uri url, byte[] piece, long length)
    {
        var message = new JsonArray(new JsonObject
        {
            ["id"] = MessageId,
            ["role"] = "user",
            ["type"] = "unified",
            ["unified"] = new JsonObject { ["media"] = new JsonArray(new JsonObject { ["url"] = $"{url}file.jpg", ["mimeType"] = "image/jpeg" }) },
        }).ToJsonString();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"{url}");
        var app = builder.Build();
        app.Run(async context =>
        {
            var parts = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (parts is not ["file.jpg"])
            {
                await context.Response.WriteAsync(parts[^1] == "messages" ? message : $$"""{"id":"{{parts[^1]}}"}""");
                return;
            }

            context.Response.ContentLength = length;
            for (var sent = 0L; sent < length; sent += piece.Length)
                await context.Response.Body.WriteAsync(piece);
        });
        await app.StartAsync();
        return app;
    }
}

/// <summary>The options of <c>files</c>.</summary>
internal sealed class FilesOptions
{
    public int Callers { get; set; } = 50;

    public int Mebibytes { get; set; } = 50;
}
