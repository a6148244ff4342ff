using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Azure.Security.KeyVault.Secrets;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Support;

/// <summary>
/// A vault on a real HTTPS socket that speaks Key Vault's REST API and bearer challenge, for the real <see cref="SecretClient"/>.
/// </summary>
internal sealed partial class KeyVaultStandIn : IAsyncDisposable
{
    /// <summary>The bearer token it takes.</summary>
    public const string Token = "vault-token-do-not-leak";

    /// <summary>The name of the API key in it.</summary>
    public const string ApiKey = "wassist-api-key";

    private readonly LocalServer _app;
    private readonly ConcurrentQueue<string> _reads = [];

    private KeyVaultStandIn(LocalServer app) => _app = app;

    public string Url => _app.Url;

    public ConcurrentDictionary<string, string> Secrets { get; } = new() { [ApiKey] = FakeWassist.Key };

    /// <summary>Instead of answering; null while the vault is well.</summary>
    public RequestDelegate? Fault { get; set; }

    /// <summary>Requests with a token, so without the challenge before the first. Of one secret: an app that starts also reads the others, beside its first answers.</summary>
    public int ReadsOf(string secret) => _reads.Count(path => path.Contains($"/{secret}", StringComparison.Ordinal));

    public static async Task<KeyVaultStandIn> StartAsync()
    {
        KeyVaultStandIn? vault = null;
        var app = await LocalServer.StartAsync(context => vault!.AnswerAsync(context), https: true);
        return vault = new KeyVaultStandIn(app);
    }

    /// <summary>Key Vault's error body.</summary>
    public static RequestDelegate Error(int status, string code) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(new JsonObject
        {
            ["error"] = new JsonObject { ["code"] = code, ["message"] = "a message with details" },
        }.ToJsonString());
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate =
                """Bearer authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001", resource="https://vault.azure.net" """.Trim();
            return Task.CompletedTask;
        }

        _reads.Enqueue(context.Request.Path);
        if (Fault is { } fault)
            return fault(context);

        // GET /secrets/{name}/{version?}?api-version=
        var name = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries)[1];
        if (!Secrets.TryGetValue(name, out var value))
            return Error(404, "SecretNotFound")(context);

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject
        {
            ["value"] = value,
            ["id"] = $"{Url}/secrets/{name}/0123456789abcdef0123456789abcdef",
            ["attributes"] = new JsonObject { ["enabled"] = true, ["created"] = 1767225600, ["updated"] = 1767225600 },
        }.ToJsonString());
    }
}
