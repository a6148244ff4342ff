using System.Text.Json.Nodes;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Load.Faults;

/// <summary>As much of Key Vault as reading one secret needs.</summary>
internal sealed class RotatingVault : IAsyncDisposable
{
    /// <summary>The bearer token it takes.</summary>
    public const string Token = "faults-vault-token";

    private readonly FaultyWassist _wassist;
    private WebApplication? _app;

    private RotatingVault(FaultyWassist wassist) => _wassist = wassist;

    public string Url => _app!.Urls.Single();

    public static async Task<RotatingVault> StartAsync(FaultyWassist wassist)
    {
        var vault = new RotatingVault(wassist);
        vault._app = await LocalServer.StartAsync(vault.AnswerAsync, https: true);
        return vault;
    }

    public ValueTask DisposeAsync() => _app!.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate =
                """Bearer authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001", resource="https://vault.azure.net" """.Trim();
            return Task.CompletedTask;
        }

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject
        {
            ["value"] = _wassist.Key,
            ["id"] = $"{Url}{context.Request.Path.Value!.TrimEnd('/')}/0123456789abcdef0123456789abcdef",
            ["attributes"] = new JsonObject { ["enabled"] = true, ["created"] = 1767225600, ["updated"] = 1767225600 },
        }.ToJsonString());
    }
}
