using Percept.Tensors;
using Percept.Tensors.Memory;

namespace Percept.Checkpoints;

/// <summary>The bytes of a file, mapped or in memory.</summary>
internal sealed class FileBytes : IDisposable
{
    private readonly MappedFile? _mapped;
    private readonly ReadOnlyMemory<byte> _memory;

    /// <summary>Maps a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    internal FileBytes(string path)
    {
        _mapped = new MappedFile(path);
        Path = path;
        Length = _mapped.Length;
    }

    /// <summary>Takes a file that lies in memory.</summary>
    internal FileBytes(ReadOnlyMemory<byte> memory, string name)
    {
        _memory = memory;
        Path = name;
        Length = memory.Length;
    }

    /// <summary>The path, or the name that was given.</summary>
    internal string Path { get; }

    internal long Length { get; }

    /// <summary>The file's beginning: all of it, or as much as a span can hold.</summary>
    internal ReadOnlySpan<byte> Head => Bytes(0, (int)Math.Min(Length, int.MaxValue));

    /// <summary>A part of the file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie in the file.</exception>
    internal ReadOnlySpan<byte> Bytes(long offset, int length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), $"Bytes {offset} to {offset + length} do not lie in '{Path}', which has {Length} bytes.");
        }

        return _mapped is null ? _memory.Span.Slice((int)offset, length) : _mapped.Bytes(offset, length);
    }

    /// <summary>A tensor of a part of the file: over its pages where it is mapped, else a copy.</summary>
    internal Tensor Tensor(long offset, in Shape shape, DType type) => _mapped is null
        ? Tensors.Tensor.FromBytes(Bytes(offset, checked((int)type.ByteCount(shape.Count))), shape, type)
        : Tensors.Tensor.FromMapped(_mapped, offset, shape, type);

    public void Dispose() => _mapped?.Dispose();
}
