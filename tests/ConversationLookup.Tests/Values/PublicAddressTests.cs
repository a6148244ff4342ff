using System.Net;
using ConversationLookup.Values;

namespace ConversationLookup.Tests.Values;

/// <summary>Which addresses are public.</summary>
public sealed class PublicAddressTests
{
    /// <summary>IANA's registries of special addresses, and Azure's own.</summary>
    /// <param name="before">The public neighbour; empty where there is none.</param>
    /// <param name="after">The same.</param>
    [Theory]
    [InlineData("0.0.0.0", "0.255.255.255", "", "1.0.0.0")]
    [InlineData("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0")]
    [InlineData("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0")]
    [InlineData("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0")]
    [InlineData("168.63.129.16", "168.63.129.16", "168.63.129.15", "168.63.129.17")]
    [InlineData("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0")]
    [InlineData("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0")]
    [InlineData("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0")]
    [InlineData("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0")]
    [InlineData("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0")]
    [InlineData("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0")]
    [InlineData("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0")]
    [InlineData("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0")]
    [InlineData("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0")]
    [InlineData("224.0.0.0", "255.255.255.255", "223.255.255.255", "")]
    [InlineData("::", "::255.255.255.255", "", "::1:0:0")]
    [InlineData("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "64:ff9b:2::")]
    [InlineData("100::", "100::ffff:ffff:ffff:ffff", "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "100:0:0:1::")]
    [InlineData("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::")]
    [InlineData("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::")]
    [InlineData("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe00::")]
    [InlineData("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "")]
    [InlineData("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "")]
    [InlineData("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "")]
    public void Both_ends_of_a_private_or_reserved_network_are_not_and_its_neighbours_are(string first, string last, string before, string after)
    {
        Assert.Equal((false, false), (Is(first), Is(last)));
        Assert.True(before.Length == 0 || Is(before), before);
        Assert.True(after.Length == 0 || Is(after), after);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("20.103.5.7", true)]
    [InlineData("2603:1020::1", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("64:ff9b::8.8.8.8", true)]
    [InlineData("64:ff9b::10.0.0.1", false)]
    [InlineData("64:ff9b::255.255.255.255", false)]
    [InlineData("2002:808:808::", true)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2002:808:808::10.0.0.1", true)] // the part that counts
    [InlineData("2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false)]
    [InlineData("2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true)]
    [InlineData("2003::", true)]
    [InlineData("fe80::1%1", false)]
    public void An_address_that_holds_another_is_what_that_one_is(string address, bool isPublic) => Assert.Equal(isPublic, Is(address));

    private static bool Is(string address) => PublicAddress.Is(IPAddress.Parse(address));
}
