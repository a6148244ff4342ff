using System.Buffers;
using ConversationLookup.Bytes;
using ConversationLookup.Problems;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Http;

/// <summary>
/// Reads requests' bodies, each once, as bytes. They hold as much memory as has arrived, whatever was claimed, all of them together not
/// more than there is for them, and none longer than its sender may take.
/// </summary>
public sealed class RequestBodies(TimeProvider time)
{
    /// <summary>
    /// What all bodies that are being read or looked at may hold together, in bytes: 64 MiB, an eighth of the smallest instance, and room
    /// for the usual kilobyte of 65,536 events at once.
    /// </summary>
    public const long MostHeld = 64 * 1024 * 1024;

    /// <summary>How long a body may take to arrive. Wassist itself gives up after 10 seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private long _held;

    /// <summary>What they hold now, in bytes.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <param name="request">Its body is not read yet.</param>
    /// <param name="largest">In bytes.</param>
    /// <param name="cancellationToken">Ends when the caller has gone or the host stops.</param>
    /// <returns>The body; disposing it gives its memory back.</returns>
    /// <exception cref="ProblemException">
    /// <c>payload_too_large</c>; <c>invalid_body</c> for one that breaks off or does not arrive in time; <c>overloaded</c> when all bodies
    /// together would hold too much.
    /// </exception>
    public async Task<IMemoryOwner<byte>> ReadAsync(HttpRequest request, int largest, CancellationToken cancellationToken)
    {
        if (request.ContentLength > largest)
            throw new ProblemException(Catalogue.PayloadTooLarge(largest));

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var body = new Body(this);
        try
        {
            while (await AppendAsync(request, body, largest, either.Token))
                continue;
            return body;
        }
        catch (Exception exception)
        {
            body.Dispose();
            // A connection that breaks is an IOException, as is a BadHttpRequestException; one that is cut may also end as the other.
            if (exception is not IOException && (exception is not OperationCanceledException || cancellationToken.IsCancellationRequested))
                throw;
            throw Broken(
                patience.IsCancellationRequested
                    ? $"The body did not arrive within {Patience.TotalSeconds:0} seconds. Send it again."
                    : "The body could not be read to its end. Send it again.",
                exception);
        }
    }

    /// <returns>Whether more may come.</returns>
    private static async ValueTask<bool> AppendAsync(HttpRequest request, Body body, int largest, CancellationToken cancellationToken)
    {
        var arrived = await request.BodyReader.ReadAsync(cancellationToken);
        try
        {
            body.Append(arrived.Buffer, largest);
            return !arrived.IsCompleted;
        }
        finally
        {
            request.BodyReader.AdvanceTo(arrived.Buffer.End);
        }
    }

    private void Take(int bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= MostHeld)
            return;
        GiveBack(bytes);
        throw new ProblemException(Catalogue.Overloaded(Patience));
    }

    private void GiveBack(int bytes) => Interlocked.Add(ref _held, -bytes);

    private static ProblemException Broken(string detail, Exception exception) =>
        new(Catalogue.InvalidRequest([Catalogue.InvalidBody(detail)]) with { Cause = "the body did not arrive whole" }, exception);

    private sealed class Body(RequestBodies all) : IMemoryOwner<byte>
    {
        private GrowingBuffer _buffer;
        private int _taken;

        public Memory<byte> Memory => _buffer.Bytes;

        public void Append(ReadOnlySequence<byte> arrived, int largest)
        {
            if (_buffer.Length + arrived.Length > largest)
                throw new ProblemException(Catalogue.PayloadTooLarge(largest));
            var length = (int)arrived.Length;
            var more = _buffer.CapacityFor(length) - _buffer.Capacity;
            all.Take(more);
            _taken += more;
            arrived.CopyTo(_buffer.Room(length).Span);
            _buffer.Advance(length);
        }

        public void Dispose()
        {
            _buffer.Release();
            all.GiveBack(_taken);
            _taken = 0;
        }
    }
}
