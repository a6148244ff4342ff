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
/// more than there is for them, and none longer than its sender may take. Where there is no more memory, the body that has been arriving
/// for longest makes room: an honest one is there within milliseconds, so senders who stall shut out themselves only.
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

    private readonly Lock _lock = new();
    private readonly LinkedList<Body> _arriving = [];
    private long _held;

    /// <summary>What they hold now, in bytes.</summary>
    public long Held => Volatile.Read(ref _held);

    /// <summary>Reads a body to its end.</summary>
    /// <param name="request">Its body is not read yet.</param>
    /// <param name="largest">In bytes.</param>
    /// <param name="cancellationToken">Ends when the caller has gone or the host stops.</param>
    /// <returns>
    /// The body, or why there is none: <c>payload_too_large</c>; <c>invalid_body</c> for one that breaks off or does not arrive in time;
    /// <c>overloaded</c> when all bodies together would hold too much and this one has to make room. Nothing is thrown for these, because a crowd of strangers can have
    /// them all at once.
    /// </returns>
    /// <exception cref="OperationCanceledException">The caller has gone, or the host stops.</exception>
    public async ValueTask<ReadBody> ReadAsync(HttpRequest request, int largest, CancellationToken cancellationToken)
    {
        if (request.ContentLength > largest)
            return new(null, Catalogue.PayloadTooLarge(largest));

        var (body, isWhole) = (new Body(this, request.BodyReader), false);
        try
        {
            var refusal = await FillAsync(body, request, largest, cancellationToken) ?? (TryKeep(body) ? null : Catalogue.Overloaded(Patience));
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
                if (arrived.IsCanceled && body.HasMadeRoom)
                    return Catalogue.Overloaded(Patience);
                if (arrived.IsCanceled)
                    return Broken($"The body did not arrive within {Patience.TotalSeconds:0} seconds. Send it again.");
                if (refusal is not null || arrived.IsCompleted)
                    return refusal;
            }
        }
        catch (BadHttpRequestException)
        {
            return Broken("The body is incomplete. Send it again.");
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

    /// <summary>Takes memory for a body that arrives; others that have been arriving for longer make room for it.</summary>
    private bool TryTake(Body body, int bytes)
    {
        lock (_lock)
        {
            while (_held + bytes > MostHeld && _arriving.First is { } oldest && oldest != body.Arriving)
            {
                _arriving.RemoveFirst();
                _held -= oldest.Value.MakeRoom();
            }

            if (body.HasMadeRoom || _held + bytes > MostHeld)
                return false;
            (_held, body.Taken) = (_held + bytes, body.Taken + bytes);
            if (body.Arriving.List is null)
                _arriving.AddLast(body.Arriving);
            return true;
        }
    }

    /// <summary>Whether a body that has arrived may keep its memory until it was looked at.</summary>
    private bool TryKeep(Body body)
    {
        lock (_lock)
        {
            body.Arriving.List?.Remove(body.Arriving);
            return !body.HasMadeRoom;
        }
    }

    private void GiveBack(Body body)
    {
        lock (_lock)
        {
            body.Arriving.List?.Remove(body.Arriving);
            (_held, body.Taken) = (_held - body.Taken, 0);
        }
    }

    private sealed class Body : IMemoryOwner<byte>
    {
        private readonly RequestBodies _all;
        private readonly PipeReader _reader;
        private GrowingBuffer _buffer;

        public Body(RequestBodies all, PipeReader reader) => (_all, _reader, Arriving) = (all, reader, new LinkedListNode<Body>(this));

        /// <summary>Its place among those that are arriving, the oldest first.</summary>
        public LinkedListNode<Body> Arriving { get; }

        /// <summary>In bytes.</summary>
        public int Taken { get; set; }

        /// <summary>Whether its memory is for others.</summary>
        public bool HasMadeRoom { get; private set; }

        public Memory<byte> Memory => _buffer.Bytes;

        /// <summary>Gives up its memory and has its reading end, which frees it within a moment.</summary>
        /// <returns>How many bytes that is.</returns>
        public int MakeRoom()
        {
            var room = Taken;
            (Taken, HasMadeRoom) = (0, true);
            CancelRead(_reader);
            return room;
        }

        /// <returns>Why it may not be longer.</returns>
        public Problem? Append(ReadOnlySequence<byte> arrived, int largest)
        {
            if (_buffer.Length + arrived.Length > largest)
                return Catalogue.PayloadTooLarge(largest);
            var length = (int)arrived.Length;
            var more = _buffer.CapacityFor(length) - _buffer.Capacity;
            if (!_all.TryTake(this, more))
                return Catalogue.Overloaded(Patience);
            arrived.CopyTo(_buffer.Room(length).Span);
            _buffer.Advance(length);
            return null;
        }

        public void Dispose()
        {
            _buffer.Release();
            _all.GiveBack(this);
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
