using System.Buffers;
using System.IO.Pipelines;
using ConversationLookup.Bytes;
using ConversationLookup.Problems;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

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

    /// <summary>Reads a body to its end.</summary>
    /// <param name="request">Its body is not read yet.</param>
    /// <param name="largest">In bytes.</param>
    /// <param name="cancellationToken">Ends when the caller has gone or the host stops.</param>
    /// <returns>
    /// The body, or why there is none: <c>payload_too_large</c>; <c>invalid_body</c> for one that breaks off or does not arrive in time;
    /// <c>overloaded</c> when all bodies together would hold too much. Nothing is thrown for these, because a crowd of strangers can have
    /// them all at once.
    /// </returns>
    /// <exception cref="OperationCanceledException">The caller has gone, or the host stops.</exception>
    public async ValueTask<ReadBody> ReadAsync(HttpRequest request, int largest, CancellationToken cancellationToken)
    {
        if (request.ContentLength > largest)
            return new(null, Catalogue.PayloadTooLarge(largest));

        var (body, isWhole) = (new Body(this), false);
        try
        {
            var refusal = await FillAsync(body, request, largest, cancellationToken);
            isWhole = refusal is null;
            return new(isWhole ? body : null, refusal);
        }
        finally
        {
            if (!isWhole)
                body.Dispose();
        }
    }

    private async ValueTask<Problem?> FillAsync(Body body, HttpRequest request, int largest, CancellationToken cancellationToken)
    {
        // The server would wait for 5 seconds, then end all that are due at once, and each with an exception.
        request.HttpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        var reader = request.BodyReader;
        using var patience = new CancellationTokenSource(Patience, time);
        // A token given to a read would leave the server's reader in the middle of it.
        using var late = patience.Token.UnsafeRegister(CancelRead, reader);
        using var gone = cancellationToken.UnsafeRegister(CancelRead, reader);
        try
        {
            while (true)
            {
                var arrived = await reader.ReadAsync(CancellationToken.None);
                var refusal = arrived.IsCanceled ? null : body.Append(arrived.Buffer, largest);
                reader.AdvanceTo(arrived.Buffer.End);
                cancellationToken.ThrowIfCancellationRequested();
                if (arrived.IsCanceled)
                    return Broken($"The body did not arrive within {Patience.TotalSeconds:0} seconds. Send it again.");
                if (refusal is not null || arrived.IsCompleted)
                    return refusal;
            }
        }
        catch (BadHttpRequestException)
        {
            return Broken("The body could not be read to its end. Send it again.");
        }
        catch (IOException exception)
        {
            request.HttpContext.Abort(); // the server would read on where there is nobody, and log an error each time
            throw new ConnectionAbortedException("the connection broke in the middle of a body", exception);
        }
    }

    private static void CancelRead(object? reader)
    {
        try
        {
            ((PipeReader)reader!).CancelPendingRead();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The server has ended the read already, with this.
        }
    }

    private static Problem Broken(string detail) => Catalogue.InvalidRequest([Catalogue.InvalidBody(detail)]) with { Cause = "the body did not arrive whole" };

    private bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= MostHeld)
            return true;
        GiveBack(bytes);
        return false;
    }

    private void GiveBack(int bytes) => Interlocked.Add(ref _held, -bytes);

    private sealed class Body(RequestBodies all) : IMemoryOwner<byte>
    {
        private GrowingBuffer _buffer;
        private int _taken;

        public Memory<byte> Memory => _buffer.Bytes;

        /// <returns>Why it may not be longer.</returns>
        public Problem? Append(ReadOnlySequence<byte> arrived, int largest)
        {
            if (_buffer.Length + arrived.Length > largest)
                return Catalogue.PayloadTooLarge(largest);
            var length = (int)arrived.Length;
            var more = _buffer.CapacityFor(length) - _buffer.Capacity;
            if (!all.TryTake(more))
                return Catalogue.Overloaded(Patience);
            _taken += more;
            arrived.CopyTo(_buffer.Room(length).Span);
            _buffer.Advance(length);
            return null;
        }

        public void Dispose()
        {
            _buffer.Release();
            all.GiveBack(_taken);
            _taken = 0;
        }
    }
}

/// <summary>A body, or why there is none.</summary>
/// <param name="Body">Its memory is given back when it is disposed.</param>
/// <param name="Refusal">Null when there is a body.</param>
public readonly record struct ReadBody(IMemoryOwner<byte>? Body, Problem? Refusal)
{
    /// <summary>The body.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public IMemoryOwner<byte> Require() => Body ?? throw new ProblemException(Refusal!);
}
