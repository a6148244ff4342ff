using ConversationLookup.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Http;

/// <summary>Settings that stand alone.</summary>
public sealed class PublicUrlOptions
{
    public static SettingsSection<PublicUrlOptions> Settings { get; } = new(
        "",
        new SettingRule<PublicUrlOptions>(
            nameof(PublicBaseUrl),
            "must be the app's address as its callers see it, such as https://contoso.azurewebsites.net, without /api.",
            options => options.PublicBaseUrl is null or { IsAbsoluteUri: true, Scheme: "https" or "http", UserInfo: "", Query: "", Fragment: "" }
                && options.PublicBaseUrl?.AbsolutePath.TrimEnd('/').EndsWith($"/{Routes.Prefix}", StringComparison.OrdinalIgnoreCase) is not true))
    { IsShared = true };

    /// <summary>The app's address as callers see it, such as <c>https://contoso.azurewebsites.net</c>; needed behind a gateway, and where the webhook is watched outside of Azure.</summary>
    public Uri? PublicBaseUrl { get; set; }
}

/// <summary>Absolute addresses of the app's own routes.</summary>
public sealed class PublicUrl(IOptions<PublicUrlOptions> options, IConfiguration configuration)
{
    /// <summary>
    /// Where callers reach a route, without one that asks: by <c>PublicBaseUrl</c>, or by the host name that Azure gives the app.
    /// </summary>
    /// <param name="route">Relative to <see cref="Routes.Prefix"/>.</param>
    /// <returns>Null where nothing says it.</returns>
    /// <remarks>https://learn.microsoft.com/azure/app-service/reference-app-settings#app-environment</remarks>
    public Uri? Of(string route)
    {
        var root = options.Value.PublicBaseUrl;
        if (root is null && configuration["WEBSITE_HOSTNAME"] is { Length: > 0 } host && Uri.TryCreate($"https://{host}", UriKind.Absolute, out var azures))
            root = azures.IsLoopback ? new UriBuilder(azures) { Scheme = Uri.UriSchemeHttp }.Uri : azures; // Core Tools set it, too
        return root is null ? null : new Uri($"{root.AbsoluteUri.TrimEnd('/')}/{Routes.Prefix}/{route}");
    }

    /// <param name="route">Relative to <see cref="Routes.Prefix"/>, its values filled in.</param>
    public string Of(HttpRequest request, string route)
    {
        var (scheme, host, path) = Root(request);
        return $"{scheme}://{host}{path}/{Routes.Prefix}/{route}";
    }

    /// <summary>
    /// <c>PublicBaseUrl</c> if it is set, else the host that the caller named: with https, because the Functions host says
    /// <c>http</c> whatever the caller used, and with http for this machine.
    /// </summary>
    /// <returns>The path has no slash at its end.</returns>
    public (string Scheme, string Host, string Path) Root(HttpRequest request) => options.Value.PublicBaseUrl is { } given
        ? (given.Scheme, given.Authority, given.AbsolutePath.TrimEnd('/'))
        : (IsThisMachine(request) ? "http" : "https", request.Host.ToUriComponent(), "");

    /// <summary>Whether the caller named this machine.</summary>
    public static bool IsThisMachine(HttpRequest request) =>
        Uri.TryCreate($"http://{request.Host.ToUriComponent()}/", UriKind.Absolute, out var host) && host.IsLoopback;
}
