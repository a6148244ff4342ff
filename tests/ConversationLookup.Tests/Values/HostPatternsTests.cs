using ConversationLookup.Values;

namespace ConversationLookup.Tests.Values;

/// <summary>Settings that name hosts.</summary>
public sealed class HostPatternsTests
{
    [Theory]
    [InlineData("hooks.contoso.com", true)]
    [InlineData("*.contoso.com", true)]
    [InlineData(" *.Contoso.com , hooks.fabrikam.com; a.b ", true)]
    [InlineData("localhost", true)] // a name, as it is
    [InlineData("*.com", false)]
    [InlineData("*.", false)]
    [InlineData("*", false)]
    [InlineData("*contoso.com", false)]
    [InlineData("hooks.*.com", false)]
    [InlineData("*.*.contoso.com", false)]
    [InlineData("hooks.contoso.com, *.com", false)]
    [InlineData("https://hooks.contoso.com", false)]
    [InlineData("hooks.contoso.com/x", false)]
    [InlineData("hooks.contoso.com:443", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("[::1]", false)]
    [InlineData("hooks contoso.com", false)]
    [InlineData("", false)]
    [InlineData(" , ; ", false)]
    [InlineData(null, false)]
    public void A_setting_names_hosts_or_suffixes_of_at_least_two_labels(string? setting, bool isValid) => Assert.Equal(isValid, HostPatterns.AreValid(setting));

    [Theory]
    [InlineData("hooks.contoso.com", "HOOKS.contoso.com", true)]
    [InlineData("hooks.contoso.com", "a.hooks.contoso.com", false)]
    [InlineData("hooks.contoso.com", "hooks.contoso.com.evil.example", false)]
    [InlineData("*.contoso.com", "a.Contoso.com", true)]
    [InlineData("*.contoso.com", "a.b.contoso.com", true)]
    [InlineData("*.contoso.com", "contoso.com", false)]
    [InlineData("*.contoso.com", ".contoso.com", false)]
    [InlineData("*.contoso.com", "evilcontoso.com", false)]
    [InlineData("*.contoso.com", "a.contoso.com.evil.example", false)]
    [InlineData("a.com,*.b.com", "x.b.com", true)]
    public void A_host_is_covered_by_its_own_name_or_a_suffix_it_ends_with(string setting, string host, bool isCovered) =>
        Assert.Equal(isCovered, HostPatterns.Cover(HostPatterns.Parse(setting), host));
}
