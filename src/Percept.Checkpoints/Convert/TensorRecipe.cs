using System.Globalization;
using System.Runtime.InteropServices;
using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>How a tensor of a new file is made of one of an old file.</summary>
/// <param name="Name">Its new name.</param>
/// <param name="Source">The old file.</param>
/// <param name="From">Its old name.</param>
/// <param name="Type">Its new type.</param>
/// <param name="Rows">Which old row stands at each new one; null for the same.</param>
/// <param name="Add">What is added to every element.</param>
/// <param name="Shape">Its new shape, of as many elements; null for the old one.</param>
internal sealed record TensorRecipe(
    string Name, TensorSource Source, string From, DType Type, int[]? Rows = null, float Add = 0, Shape? Shape = null)
{
    private const int ChunkElements = 1 << 21;

    // From here on half precision rounds to infinity.
    private const float HalfEnd = 65520;

    /// <summary>What the old tensor is.</summary>
    internal StoredTensor Stored => Source.Tensors[From];

    /// <summary>The tensor for a writer, which makes it piece by piece.</summary>
    internal TensorToWrite ToWrite(CancellationToken cancellation)
    {
        StoredTensor stored = Source.FindReadable(From).Tensor;
        if (Rows is not null && (stored.Shape.Rank == 0 || stored.Shape.Rank > 2 || stored.Shape[0] != Rows.Length))
        {
            throw new InvalidDataException(
                $"Tensor '{From}' of '{stored.File}' has shape {stored.Shape}, expected {Rows.Length} rows. " +
                "Use the configuration that was published with the weights.");
        }

        return new TensorToWrite(Name, Type, Shape ?? stored.Shape, () => Source.Read(From))
        {
            Pieces = stream => Write(stream, cancellation),
        };
    }

    private void Write(Stream stream, CancellationToken cancellation)
    {
        using Tensor tensor = Source.Read(From);
        if (tensor.DType == Type && Rows is null && Add == 0)
        {
            TensorBytes.Write(stream, tensor);
            return;
        }

        int columns = tensor.Rank == 0 || (tensor.Rank == 1 && Rows is not null) ? 1 : tensor.Shape[-1];
        if (columns == 0 || tensor.Count == 0)
        {
            return;
        }

        int rows = checked((int)(tensor.Count / columns));
        using Tensor matrix = tensor.View([rows, columns]);
        int step = Math.Clamp(ChunkElements / columns, 1, rows);
        var floats = new float[step * columns];
        for (int row = 0; row < rows; row += step)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(step, rows - row);
            if (tensor.DType == Type && Add == 0)
            {
                CopyRows(stream, matrix, row, count);
            }
            else
            {
                WriteRows(stream, matrix, row, count, floats.AsSpan(0, count * columns));
            }
        }
    }

    private void CopyRows(Stream stream, Tensor matrix, int first, int count)
    {
        for (int row = first; row < first + count; row++)
        {
            using Tensor one = matrix.Rows(Rows![row], 1);
            stream.Write(one.Bytes());
        }
    }

    private void WriteRows(Stream stream, Tensor matrix, int first, int count, Span<float> floats)
    {
        int columns = matrix.Shape[1];
        if (Rows is null)
        {
            using Tensor part = matrix.Rows(first, count);
            ToFloats(part, floats);
        }
        else
        {
            for (int i = 0; i < count; i++)
            {
                using Tensor one = matrix.Rows(Rows[first + i], 1);
                ToFloats(one, floats.Slice(i * columns, columns));
            }
        }

        if (Add != 0)
        {
            foreach (ref float value in floats)
            {
                value += Add;
            }
        }

        Check(floats);
        if (Type == DType.F32)
        {
            stream.Write(MemoryMarshal.AsBytes(floats));
            return;
        }

        var bytes = new byte[Type.ByteCount(floats.Length)];
        Quantization.Quantize(Type, floats, bytes);
        stream.Write(bytes);
    }

    /// <summary>Weights that the new type can't hold are an error, never infinities.</summary>
    private void Check(ReadOnlySpan<float> floats)
    {
        if (Type is DType.F32 or DType.BF16)
        {
            return;
        }

        foreach (float value in floats)
        {
            float size = Math.Abs(value);
            bool fits = Type == DType.F16 ? size < HalfEnd || !float.IsFinite(value) : float.IsFinite(value);
            if (!fits)
            {
                throw new NotSupportedException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Tensor '{From}' of '{Source.Description}' holds {value}, which {Type} can't. Take bf16 or f32."));
            }
        }
    }

    private void ToFloats(Tensor tensor, Span<float> floats)
    {
        if (tensor.DType == DType.F64)
        {
            ReadOnlySpan<double> values = tensor.Span<double>();
            for (int i = 0; i < floats.Length; i++)
            {
                floats[i] = (float)values[i];
            }

            return;
        }

        if (!Quantization.CanDequantize(tensor.DType))
        {
            throw new NotSupportedException(
                $"Tensor '{From}' of '{Source.Description}' holds {tensor.DType}, which can't become {Type}.");
        }

        Quantization.Dequantize(tensor.DType, tensor.Bytes(), floats);
    }
}
