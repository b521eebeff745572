using System.Buffers;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Rented memory that does not move, aligned to 64 bytes; given back when disposed.</summary>
internal sealed unsafe class PinnedBuffer : IDisposable
{
    private const int Alignment = 64;

    private byte[]? _array;
    private GCHandle _handle;

    /// <summary>Rents memory with undefined contents.</summary>
    /// <param name="bytes">How many bytes; over 2 GiB is refused.</param>
    /// <exception cref="MediaLimitException">More than 2 GiB are asked for.</exception>
    internal PinnedBuffer(long bytes)
    {
        if (bytes > Array.MaxLength - Alignment)
        {
            throw new MediaLimitException(
                $"Decoding takes {bytes} bytes of memory at once, more than 2 GiB; shrink the picture first.");
        }

        Length = (int)bytes;
        _array = ArrayPool<byte>.Shared.Rent(Length + Alignment);
        _handle = GCHandle.Alloc(_array, GCHandleType.Pinned);
        nint start = _handle.AddrOfPinnedObject();
        Pointer = (byte*)((start + Alignment - 1) & -Alignment);
    }

    /// <summary>Frees a handle that was never given back.</summary>
    ~PinnedBuffer()
    {
        if (_array is not null)
        {
            _handle.Free();
        }
    }

    /// <summary>The first byte.</summary>
    internal byte* Pointer { get; private set; }

    /// <summary>The number of bytes.</summary>
    internal int Length { get; }

    /// <summary>Sets all bytes to zero.</summary>
    internal void Clear() => new Span<byte>(Pointer, Length).Clear();

    /// <inheritdoc/>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (_array is { } array)
        {
            _array = null;
            Pointer = null;
            _handle.Free();
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
