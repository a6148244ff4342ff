using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ConversationLookup.Tests.Support;

/// <summary>A caller that sends what it likes when it likes, byte by byte, as no HTTP client does.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<RawConnection> OpenAsync(App app)
    {
        var connection = new RawConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, app.Http.BaseAddress!.Port, Token);
        return connection;
    }

    /// <summary>The head of a POST, and no byte of its body.</summary>
    public Task PostAsync(string route, params IEnumerable<string> headers) =>
        SendAsync(Encoding.Latin1.GetBytes($"POST /api/{route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{string.Concat(headers.Select(header => $"{header}\r\n"))}\r\n"));

    public async Task SendAsync(byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
            sent += await _socket.SendAsync(bytes.AsMemory(sent), Token);
    }

    /// <summary>Reads one answer with its body.</summary>
    /// <returns>The status, the problem's code and after how many seconds to try again, if it says.</returns>
    public async Task<(int Status, string Code, int? RetryAfter)> AnswerAsync()
    {
        using var answer = new MemoryStream();
        var buffer = new byte[4096];
        while (true)
        {
            var text = Encoding.UTF8.GetString(answer.ToArray());
            var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head > 0 && text[(head + 4)..] is var body && Encoding.UTF8.GetByteCount(body) == Length(text[..head]))
            {
                var problem = body.Length == 0 ? default : JsonDocument.Parse(body).RootElement;
                return (
                    int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture),
                    problem.TryGetProperty("code", out var code) ? code.GetString()! : "",
                    problem.TryGetProperty("retryAfterSeconds", out var seconds) ? seconds.GetInt32() : null);
            }

            var read = await _socket.ReceiveAsync(buffer, Token);
            Assert.True(read > 0, $"The connection was closed after: {text}");
            answer.Write(buffer, 0, read);
        }
    }

    /// <summary>Cuts the connection, with nothing of TCP's politeness.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();

    private static int Length(string head) => head.Split("\r\n")
        .Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
        .Select(line => int.Parse(line.AsSpan("Content-Length:".Length), CultureInfo.InvariantCulture))
        .SingleOrDefault();
}
