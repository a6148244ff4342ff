using ConversationLookup.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Tests.Http;

/// <summary>Where callers reach the app.</summary>
public sealed class PublicUrlTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData(null, "", null)]
    [InlineData(null, "contoso.azurewebsites.net", "https://contoso.azurewebsites.net/api/health")]
    [InlineData(null, "localhost:7071", "http://localhost:7071/api/health")] // Core Tools set it, too
    [InlineData(null, "127.0.0.1:7071", "http://127.0.0.1:7071/api/health")]
    [InlineData(null, "no host name", null)]
    [InlineData("https://gateway.example", "contoso.azurewebsites.net", "https://gateway.example/api/health")]
    [InlineData("https://gateway.example/lookup/", null, "https://gateway.example/lookup/api/health")]
    public void Without_a_request_it_is_what_is_set_or_the_name_that_Azure_gives(string? publicBaseUrl, string? hostname, string? url) =>
        Assert.Equal(url, With(publicBaseUrl, hostname).Of("health")?.AbsoluteUri);

    [Theory]
    [InlineData(null, "contoso.azurewebsites.net", "https://contoso.azurewebsites.net/api/health", false)]
    [InlineData(null, "localhost:7071", "http://localhost:7071/api/health", true)]
    [InlineData(null, "[::1]:7071", "http://[::1]:7071/api/health", true)]
    [InlineData(null, "localhost.example", "https://localhost.example/api/health", false)]
    [InlineData("http://gateway.example:8080/lookup/", "contoso.azurewebsites.net", "http://gateway.example:8080/lookup/api/health", false)]
    public void For_a_request_it_is_what_is_set_or_the_host_that_the_caller_named(string? publicBaseUrl, string host, string url, bool isThisMachine)
    {
        var request = new DefaultHttpContext { Request = { Scheme = "http", Host = new HostString(host) } }.Request;

        Assert.Equal((url, isThisMachine), (With(publicBaseUrl, hostname: null).Of(request, "health"), PublicUrl.IsThisMachine(request)));
    }

    private static PublicUrl With(string? publicBaseUrl, string? hostname) => new(
        Options.Create(new PublicUrlOptions { PublicBaseUrl = publicBaseUrl is null ? null : new Uri(publicBaseUrl) }),
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("WEBSITE_HOSTNAME", hostname)]).Build());
}
