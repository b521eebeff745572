using System.Buffers;

namespace Percept.Text;

/// <summary>
/// Normalized text, UTF-8, with the code point of the original text that each byte comes from; the buffers are rented.
/// </summary>
internal struct NormalizedBytes : IDisposable
{
    // Rules that turn little text into this much are no rules of a tokenizer.
    private const int MaxLength = 1 << 30;

    private byte[] _bytes;
    private int[] _origins;
    private int _length;

    internal NormalizedBytes(int capacity)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 16));
        _origins = ArrayPool<int>.Shared.Rent(_bytes.Length);
    }

    /// <summary>The text.</summary>
    internal readonly ReadOnlySpan<byte> Text => _bytes.AsSpan(0, _length);

    /// <summary>The origin of each byte, and one more for the end.</summary>
    internal readonly ReadOnlySpan<int> Origins => _origins.AsSpan(0, _length + 1);

    internal readonly int Length => _length;

    internal void Append(ReadOnlySpan<byte> bytes, int origin)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _origins.AsSpan(_length, bytes.Length).Fill(origin);
        _length += bytes.Length;
    }

    internal void Shorten(int length) => _length = length;

    /// <summary>Sets the origin of the end.</summary>
    internal void End(int origin)
    {
        Reserve(1);
        _origins[_length] = origin;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        ArrayPool<int>.Shared.Return(_origins);
        _bytes = [];
        _origins = [];
    }

    private void Reserve(int more)
    {
        long need = (long)_length + more + 1;
        if (need <= Math.Min(_bytes.Length, _origins.Length))
        {
            return;
        }

        if (need > MaxLength)
        {
            throw new NotSupportedException(
                $"Normalization makes the text longer than {MaxLength} bytes. Split the text, or mend the model's rules.");
        }

        int size = (int)Math.Min(Math.Max(need, 2L * _length), MaxLength);
        byte[] bytes = ArrayPool<byte>.Shared.Rent(size);
        int[] origins = ArrayPool<int>.Shared.Rent(size);
        _bytes.AsSpan(0, _length).CopyTo(bytes);
        _origins.AsSpan(0, _length).CopyTo(origins);
        Dispose();
        _bytes = bytes;
        _origins = origins;
    }
}
