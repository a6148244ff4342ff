using System.Buffers;
using System.Numerics;

namespace ConversationLookup.Bytes;

/// <summary>
/// Bytes that arrive one piece after another, in a buffer from the pool that grows with them: what a sender says it will send costs
/// nothing. A value that is changed in place, so that reading costs no object; it is not to be copied.
/// </summary>
public struct GrowingBuffer
{
    /// <summary>The pool's smallest.</summary>
    private const int SmallestCapacity = 16;

    private byte[]? _rented;

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>How many bytes of memory they hold: less than twice as many as there are, unless room for more was asked for.</summary>
    public readonly int Capacity => _rented?.Length ?? 0;

    /// <summary>The bytes, until the buffer grows or is released.</summary>
    public readonly Memory<byte> Bytes => _rented.AsMemory(0, Length);

    /// <summary>What <see cref="Capacity"/> will be once there is room for so many more bytes.</summary>
    public readonly int CapacityFor(int more) => Length + more <= Capacity
        ? Capacity
        : (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(Length + more, SmallestCapacity));

    /// <summary>Where the next bytes go; <see cref="Advance"/> says how many came.</summary>
    /// <param name="atLeast">How many have room.</param>
    public Memory<byte> Room(int atLeast)
    {
        if (CapacityFor(atLeast) is var capacity && capacity > Capacity)
        {
            var larger = ArrayPool<byte>.Shared.Rent(capacity);
            Bytes.CopyTo(larger);
            GiveBack();
            _rented = larger;
        }

        return _rented.AsMemory(Length);
    }

    /// <param name="count">How many bytes were written into <see cref="Room"/>.</param>
    public void Advance(int count) => Length += count;

    /// <summary>Gives the memory to somebody who gives it back to the pool; the buffer is empty then.</summary>
    public (byte[] Rented, int Length) HandOver()
    {
        var given = (_rented ?? [], Length);
        this = default;
        return given;
    }

    /// <summary>Gives the memory back to the pool; the buffer is empty then.</summary>
    public void Release()
    {
        GiveBack();
        this = default;
    }

    private readonly void GiveBack()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
    }
}
