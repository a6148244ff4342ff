using ConversationLookup.Subscriptions;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Tests.Subscriptions;

/// <summary>Which callback URLs are allowed, as a pure function.</summary>
public sealed class CallbackPolicyTests
{
    private static readonly CallbackPolicy Policy = new(Options.Create(new SubscriptionOptions()));

    [Theory]
    [InlineData("https://prod-12.westeurope.logic.azure.com:443/workflows/0a1b/triggers/manual/paths/invoke?api-version=2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=AbC-_dEf%2Bg%3D")]
    [InlineData("https://default0123456789abcdef.a1.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0a1b/triggers/manual/paths/invoke?api-version=1&tenantId=tId&environmentName=x&workflowId=y&sig=zz")]
    [InlineData("https://PROD-12.WestEurope.Logic.Azure.com/x")]
    [InlineData("https://a.logic.azure.com/a/../b/./%7E%41?x=%2f&y=a'b\"c|d")]
    public void A_flows_own_address_is_allowed_and_kept_byte_for_byte(string url)
    {
        var read = Policy.Read(url, out var refusal);

        Assert.Equal("", refusal);
        Assert.Equal(url, read!.OriginalString);
        Assert.Equal(url[url.IndexOf('/', "https://".Length)..], read.PathAndQuery);
    }

    [Theory]
    [InlineData("https%3A%2F%2Fa.logic.azure.com%2Fx%3Fsig%3DA%252Bb", "https://a.logic.azure.com/x?sig=A%2Bb")]
    [InlineData("HTTPS%3a//a.logic.azure.com/x?sig=A%2Bb", "HTTPS://a.logic.azure.com/x?sig=A+b")]
    [InlineData("  https://a.logic.azure.com/x?sig=A%2Bb  ", "https://a.logic.azure.com/x?sig=A%2Bb")]
    public void Only_one_that_is_encoded_as_a_whole_is_decoded(string sent, string kept) => Assert.Equal(kept, Policy.Read(sent, out _)!.OriginalString);

    [Theory]
    [InlineData(null, "'callbackUrl'")]
    [InlineData("", "'callbackUrl'")]
    [InlineData("   ", "'callbackUrl'")]
    [InlineData("a.logic.azure.com/x", "not an https address")]
    [InlineData("/x", "not an https address")]
    [InlineData("ftp://a.logic.azure.com/x", "not an https address")]
    [InlineData("javascript:alert(1)", "not an https address")]
    [InlineData("https://a.logic.azure.com/x#y", "not an https address")]
    [InlineData("https://a.logic.azure.com/x y", "not an https address")]
    [InlineData("https://a.logic.azure.com/x\r\nHost: b", "not an https address")]
    [InlineData("https://a.logic.azure.com\\@evil.example/x", "not an https address")]
    [InlineData("https://a.logic.azure.com/é", "not an https address")]
    [InlineData("https://a.logic.azure.com/\u007f", "not an https address")]
    [InlineData("https://a.logic.azure.com/x\ty", "not an https address")]
    [InlineData("https://a.logic.azure.com\u2028/x", "not an https address")]
    [InlineData("https%3A%2F%2Fuser%3Apassword%40a.logic.azure.com%2Fx", "user name")]
    [InlineData("http%3A%2F%2Fa.logic.azure.com%2Fx", "begin with https")]
    [InlineData("https%3A%2F%2Fa.logic.azure.com%5C%40evil.example%2Fx", "not an https address")]
    [InlineData("https%253A%252F%252Fa.logic.azure.com%252Fx", "not an https address")]
    [InlineData("https://", "not an https address")]
    [InlineData("http://a.logic.azure.com/x", "begin with https")]
    [InlineData("https://user@a.logic.azure.com/x", "user name")]
    [InlineData("https://user:password@a.logic.azure.com/x", "user name")]
    [InlineData("https://logic.azure.com@evil.example/x", "user name")]
    [InlineData("https://a.logic.azure.com:22/", "port 443")]
    [InlineData("https://a.logic.azure.com:80/x", "port 443")]
    [InlineData("https://a.logic.azure.com:8443/x", "port 443")]
    [InlineData("https://10.0.0.1/x", "public host")]
    [InlineData("https://8.8.8.8/x", "public host")]
    [InlineData("https://0x7f.1/x", "public host")]
    [InlineData("https://2130706433/x", "public host")]
    [InlineData("https://127.0.0.1/x", "public host")]
    [InlineData("https://[::1]/x", "public host")]
    [InlineData("https://[2001:db8::1]/x", "public host")]
    [InlineData("https://localhost/x", "public host")]
    [InlineData("https://intranet/x", "public host")]
    [InlineData("https://x.localhost/x", "public host")]
    [InlineData("https://printer.local/x", "public host")]
    [InlineData("https://PRINTER.LOCAL/x", "public host")]
    [InlineData("https://a.internal/x", "public host")]
    [InlineData("https://a.lan/x", "public host")]
    [InlineData("https://a.home.arpa/x", "public host")]
    [InlineData("https://logic.azure.com/x", "not allowed")]
    [InlineData("https://evillogic.azure.com/x", "not allowed")]
    [InlineData("https://a.logic.azure.com.evil.example/x", "not allowed")]
    [InlineData("https://evil.example/a.logic.azure.com", "not allowed")]
    [InlineData("https://evil.example/?a.logic.azure.com", "not allowed")]
    [InlineData("https://a.logic.azure.com./x", "not allowed")]
    public void Anything_else_is_refused_with_a_reason_that_repeats_no_secret(string? url, string reason)
    {
        Assert.Null(Policy.Read(url, out var refusal));
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("password", refusal.Replace("user name or password", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_url_of_2048_characters_is_allowed_and_a_longer_one_is_not()
    {
        var longest = "https://a.logic.azure.com/".PadRight(CallbackPolicy.LongestUrl, 'x');

        Assert.NotNull(Policy.Read(longest, out _));
        Assert.Null(Policy.Read(longest + "x", out var refusal));
        Assert.Contains("2048", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hooks.contoso.com", "https://hooks.contoso.com/x", true)]
    [InlineData("hooks.contoso.com", "https://a.hooks.contoso.com/x", false)]
    [InlineData(" *.Contoso.com ; hooks.fabrikam.com", "https://a.b.contoso.com/x", true)]
    [InlineData("*.contoso.com", "https://contoso.com/x", false)]
    [InlineData("*.contoso.com", "https://a.logic.azure.com/x", false)]
    public void The_operator_says_which_hosts(string setting, string url, bool allowed) =>
        Assert.Equal(allowed, new CallbackPolicy(Options.Create(new SubscriptionOptions { AllowedCallbackHosts = setting })).Read(url, out _) is not null);

    [Theory]
    [InlineData("http://localhost:7071/inbox", true)]
    [InlineData("http://127.0.0.1:5000/x", true)]
    [InlineData("http://127.1.2.3/x", true)]
    [InlineData("http://[::1]:5000/x", true)]
    [InlineData("https://localhost/x", true)]
    [InlineData("https://localhost:22/x", true)]
    [InlineData("https://a.logic.azure.com/x", true)]
    [InlineData("https://a.logic.azure.com:22/x", false)]
    [InlineData("http://a.logic.azure.com/x", false)]
    [InlineData("http://10.0.0.1/x", false)]
    [InlineData("http://user@localhost/x", false)]
    [InlineData("http://localhost.evil.example/x", false)]
    public void For_local_use_this_machine_is_allowed_too(string url, bool allowed) =>
        Assert.Equal(allowed, new CallbackPolicy(Options.Create(new SubscriptionOptions { AllowLocalCallbacks = true })).Read(url, out _) is not null);
}
