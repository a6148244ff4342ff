using Azure.Core;
using Azure.Core.Pipeline;
using ConversationLookup.Secrets;
using Microsoft.Extensions.DependencyInjection;

namespace ConversationLookup.Tests.Support;

internal sealed partial class KeyVaultStandIn
{
    /// <summary>An app in front of a fake upstream that takes its secrets from this vault.</summary>
    public Task<App> StartAppAsync(
        FakeWassist wassist, Action<IServiceCollection>? configure = null, IReadOnlyDictionary<string, string>? settings = null) => App.StartAsync(
        wassist,
        new Dictionary<string, string>(settings ?? new Dictionary<string, string>()) { ["KeyVault:Uri"] = Url, ["Wassist:ApiKey"] = "" },
        services =>
        {
            services.AddSingleton<TokenCredential>(new FixedCredential());
            var options = KeyVaultSecretSource.ClientOptions(new Uri(Url));
#pragma warning disable CA5399 // A certificate made for this run has no revocation list.
            options.Transport = new HttpClientTransport(new HttpClientHandler
            {
                ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
            });
#pragma warning restore CA5399
            services.AddSingleton(options);
            configure?.Invoke(services);
        });

    private sealed class FixedCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(Token, DateTimeOffset.UtcNow.AddHours(1));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
