using System.Net;

namespace ConversationLookup.Values;

/// <summary>Which IP addresses belong to the public internet. Pure.</summary>
public static class PublicAddress
{
    /// <summary>
    /// https://www.iana.org/assignments/iana-ipv4-special-registry and the IPv6 one; and Azure's own 168.63.129.16, which looks public:
    /// https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
    /// </summary>
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
            "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    /// <summary>IPv6 addresses that hold an IPv4 one: NAT64 in the last 4 bytes, 6to4 after the first 2.</summary>
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        else if (Nat64.Contains(address))
            address = new IPAddress(address.GetAddressBytes()[12..16]);
        else if (SixToFour.Contains(address))
            address = new IPAddress(address.GetAddressBytes()[2..6]);
        return !NotPublic.Any(network => network.Contains(address));
    }
}
