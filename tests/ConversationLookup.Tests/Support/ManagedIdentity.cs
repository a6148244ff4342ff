using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Support;

/// <summary>
/// Azure's managed identity as an app sees it, for the real credential: one token for whoever asks.
/// </summary>
/// <remarks>https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference</remarks>
internal sealed class ManagedIdentity : IAsyncDisposable
{
    /// <summary>Whose tokens it gives.</summary>
    public const string ClientId = "the-client-id";

    private const string Header = "the-identity-header";

    private readonly LocalServer _app;

    private ManagedIdentity(LocalServer app) => _app = app;

    /// <summary>What Azure sets, and what <c>infra/modules/app.bicep</c> sets besides.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["IDENTITY_ENDPOINT"] = $"{_app.Url}/msi/token",
        ["IDENTITY_HEADER"] = Header,
        ["AZURE_TOKEN_CREDENTIALS"] = "ManagedIdentityCredential",
        ["AZURE_CLIENT_ID"] = ClientId,
    };

    /// <summary>What tokens were asked for, by the right identity.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public static async Task<ManagedIdentity> StartAsync(string token)
    {
        ManagedIdentity? identity = null;
        var app = await LocalServer.StartAsync(context => identity!.AnswerAsync(context, token));
        return identity = new ManagedIdentity(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, string token)
    {
        var resource = context.Request.Query["resource"].ToString().TrimEnd('/');
        if (context.Request.Headers["X-IDENTITY-HEADER"] != Header || context.Request.Query["client_id"] != ClientId)
        {
            context.Response.StatusCode = 400;
            return;
        }

        Asked.Enqueue(resource);
        await context.Response.WriteAsync(
            $$"""{"access_token":"{{token}}","expires_on":"{{DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()}}","resource":"{{resource}}","token_type":"Bearer","client_id":"{{ClientId}}"}""");
    }
}
