using System.Runtime.CompilerServices;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>The tensors of a file that PyTorch's <c>torch.save</c> wrote (<c>.bin</c>, <c>.pt</c>, <c>.pth</c>).</summary>
/// <remarks>
/// The pickle in the file is read as data by a closed list of opcodes and names; nothing in it can run. Elements that stand
/// in the file as they are stay there, mapped; views with strides, and compressed files, are copied when they are read.
/// Nested dictionaries give names joined by points.
/// </remarks>
public sealed class PickleSource : TensorSource
{
    // A view may repeat elements (an expanded axis); more than this is an attack on memory.
    private const long MaxRepeated = 1 << 24;

    private readonly FileBytes _file;
    private readonly TorchFile.Parts _parts;
    private readonly Dictionary<string, StoredTensor> _tensors;
    private readonly Dictionary<string, string> _metadata;
    private bool _disposed;

    private PickleSource(FileBytes file)
    {
        _file = file;
        _parts = TorchFile.Read(file);
        _tensors = new Dictionary<string, StoredTensor>(_parts.Content.Tensors.Count, StringComparer.Ordinal);
        foreach ((string name, PickleTensor tensor) in _parts.Content.Tensors)
        {
            Shape shape = StoredShape.Create(tensor.Sizes, name, file.Path);
            long bytes = shape.Count * tensor.ElementBytes;
            _tensors.Add(name, new StoredTensor(name, tensor.Type, tensor.TypeName, shape, bytes, file.Path));
        }

        _metadata = _parts.Content.Metadata;
    }

    /// <inheritdoc/>
    public override string Description => _file.Path;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>The numbers and texts that stand beside the tensors, such as <c>epoch</c>.</summary>
    public override IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>
    /// The key that held all tensors (<c>state_dict</c>, <c>model</c> and the like) and was left out of the names; null
    /// when there was none.
    /// </summary>
    public string? Unwrapped => _parts.Content.Unwrapped;

    /// <summary>The first bytes of files older than PyTorch 1.6.</summary>
    internal static ReadOnlySpan<byte> LegacyMark => TorchFile.LegacyMark;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged or hostile.</exception>
    /// <exception cref="NotSupportedException">It holds what is no tensor, number, text or container, such as a whole
    /// model object or a program; the message names it.</exception>
    public static new PickleSource Open(string path)
    {
        var file = new FileBytes(path);
        try
        {
            return new PickleSource(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file that lies in memory.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="name">A name for errors.</param>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static PickleSource Parse(ReadOnlyMemory<byte> data, string name = "the file") =>
        new(new FileBytes(data, name));

    /// <inheritdoc/>
    public override Tensor Read(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        (StoredTensor stored, DType type) = FindReadable(name);
        PickleTensor tensor = _parts.Content.Tensors[name];
        if (stored.Shape.Count == 0)
        {
            return Ops.Zeros(stored.Shape, type);
        }

        (FileBytes bytes, long start) = _parts.Storages.Find(tensor.Storage);
        start += tensor.First * tensor.ElementBytes;
        return tensor.IsContiguous && start % tensor.ElementBytes == 0
            ? bytes.Tensor(start, stored.Shape, type)
            : Copy(tensor, bytes, start, stored.Shape, type);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _disposed = true;
        _file.Dispose();
    }

    /// <summary>Puts the elements of a view one after the other.</summary>
    private Tensor Copy(PickleTensor tensor, FileBytes bytes, long start, in Shape shape, DType type)
    {
        if (shape.Count > int.MaxValue || (shape.Count > tensor.Storage.Count && shape.Count > MaxRepeated))
        {
            throw new NotSupportedException(
                $"A tensor {shape} of '{_file.Path}' is a view of {tensor.Storage.Count} elements with the strides " +
                $"[{string.Join(", ", tensor.Strides)}], which is too large to be copied. Save it with contiguous().");
        }

        Tensor result = Ops.Zeros(shape, type);
        int inner = shape.Rank == 0 ? 1 : shape[-1];
        long stride = shape.Rank == 0 ? 1 : tensor.Strides[^1];
        long[] index = new long[Math.Max(0, shape.Rank - 1)];
        int rows = (int)(shape.Count / inner);
        for (int row = 0; row < rows; row++)
        {
            long at = 0;
            for (int axis = 0; axis < index.Length; axis++)
            {
                at += index[axis] * tensor.Strides[axis];
            }

            CopyRow(
                bytes, start + (at * tensor.ElementBytes), stride, tensor.ElementBytes, ElementBytes.Of(result, row * inner, inner));
            for (int axis = index.Length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--)
            {
                index[axis] = 0;
            }
        }

        return result;
    }

    private static void CopyRow(FileBytes bytes, long start, long stride, int size, Span<byte> row)
    {
        if (stride == 1)
        {
            bytes.Bytes(start, row.Length).CopyTo(row);
            return;
        }

        for (int i = 0; i < row.Length / size; i++)
        {
            ReadOnlySpan<byte> element = bytes.Bytes(start + (i * stride * size), size);
            Unsafe.CopyBlockUnaligned(ref row[i * size], in element[0], (uint)size);
        }
    }
}
