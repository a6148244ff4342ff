using System.Buffers;

namespace ConversationLookup.Files;

/// <summary>A file on its way: its beginning is here, the rest is not. It must be disposed.</summary>
/// <param name="response">Where the rest comes from.</param>
/// <param name="rest">The response's body.</param>
/// <param name="start">What was read of it.</param>
public sealed class MessageFile(HttpResponseMessage response, Stream rest, ReadOnlyMemory<byte> start) : IDisposable
{
    /// <summary>In bytes: how much memory one file takes on its way, however large it is.</summary>
    private const int Piece = 64 * 1024;

    public required FileType Type { get; init; }

    public required string Name { get; init; }

    /// <summary>In bytes; null when its host does not say.</summary>
    public long? Length => response.Content.Headers.ContentLength;

    /// <summary>Gives it all to somebody, as fast as they take it.</summary>
    /// <param name="largest">In bytes.</param>
    /// <exception cref="IOException">It broke off, or is longer than may be.</exception>
    public async Task CopyToAsync(Stream target, long largest, CancellationToken cancellationToken)
    {
        await target.WriteAsync(start, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            long copied = start.Length;
            while (await rest.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                copied += read;
                if (copied > largest)
                    throw new IOException("the file is longer than may be, and its host had not said so");
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch (HttpRequestException exception)
        {
            throw new IOException("the file broke off", exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => response.Dispose(); // and what is read of it
}
