using System.Net;
using System.Net.Sockets;
using ConversationLookup.Values;

namespace ConversationLookup.Http;

/// <summary>Connects only to where a name may lead: a public name can be made to resolve to a private address.</summary>
public static class PublicConnection
{
    /// <summary>How long it takes at most to connect: a host that drops packets would take minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A handler for addresses that somebody else names. It follows no redirects, keeps no cookies, and takes no proxy, which would
    /// resolve the name where nobody sees it.
    /// </summary>
    /// <param name="allowLocal">Whether this machine and private addresses may be connected to.</param>
    public static SocketsHttpHandler CreateHandler(bool allowLocal) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = Patience,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // so that a DNS change is noticed
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, allowLocal, cancellationToken),
    };

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, bool allowLocal, CancellationToken cancellationToken)
    {
        var addresses = (await Dns.GetHostAddressesAsync(host.Host, cancellationToken)).Where(address => allowLocal || PublicAddress.Is(address)).ToArray();
        if (addresses.Length == 0)
            throw new NotPublicException();

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, host.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A host's name leads to no public address.</summary>
public sealed class NotPublicException() : HttpRequestException(HttpRequestError.ConnectionError, "the host leads to no public address");
