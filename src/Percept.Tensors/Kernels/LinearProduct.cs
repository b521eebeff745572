using System.Numerics.Tensors;
using Percept.Tensors.Kernels.BF16;
using Percept.Tensors.Kernels.Gemm;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Chooses the product for a linear layer by the weight's format, the number of rows and the precision asked for.</summary>
internal static unsafe class LinearProduct
{
    /// <summary>Up to this many rows of x the time goes into reading the weights, and rounding x to 8 bits saves little.</summary>
    private const int SmallBatch = 16;

    private const int SumColumns = 256;

    /// <summary>Refuses weights that are no numbers to multiply with.</summary>
    internal static void RequireWeight(Tensor weight, string argument)
    {
        if (weight.DType is not (DType.F32 or DType.BF16 or DType.F16) && !weight.DType.IsQuantized())
        {
            throw new DTypeException(argument, "F32, BF16, F16 or a block-quantized type", weight.DType);
        }
    }

    /// <summary>y[m, rows] = x[m, columns] · Wᵀ + bias, plus a further product in float32 where one is given.</summary>
    internal static void Forward(
        float* x, int m, byte* w, DType type, int rows, int columns, float* y, float* bias, LinearPrecision precision, in GemmAddend more = default)
    {
        if (RoundedForward(x, m, w, type, rows, columns, y, bias, precision))
        {
            GemmF32.RunMore(m, rows, more, y, rows);
        }
        else
        {
            GemmF32.Run(m, rows, columns, 1f, x, columns, false, Source(w, type, columns, true), 0f, y, rows, bias, more);
        }
    }

    /// <summary>Whether one row's products with several weights of a type are done by <see cref="ForwardTogether"/>.</summary>
    internal static bool GoTogether(int m, DType type, int columns, LinearPrecision precision) =>
        m == 1 && columns > 0 && precision != LinearPrecision.Exact && type.IsQuantized() && QuantizedGemv.Has(type);

    /// <summary>y[rows] = x[columns] · Wᵀ + bias for several weights; what <see cref="Forward"/> gives for each.</summary>
    internal static void ForwardTogether(float* x, int columns, DType type, QuantizedGemv.Part* parts, int count) =>
        QuantizedGemv.TryRun(type, columns, parts, count, x);

    /// <summary>
    /// dx[m, columns] = dy[m, rows] · W + beta·dx: in float32, or with dy rounded to bfloat16 where the product itself was; plus a further
    /// product in float32 where one is given.
    /// </summary>
    internal static void InputGradient(
        float* upstream, int m, byte* w, DType type, int rows, int columns, float beta, float* result, LinearPrecision precision,
        in GemmAddend more = default)
    {
        if (IsMixed(m, type, precision))
        {
            MixedProduct.InputGradient(upstream, m, (float*)w, rows, columns, beta, result);
            GemmF32.RunMore(m, columns, more, result, columns);
            return;
        }

        if (precision != LinearPrecision.Exact && type == DType.BF16 && m > SmallBatch)
        {
            GemmBF16.Run(m, columns, rows, upstream, rows, (ushort*)w, columns, false, beta, result, columns, null);
            GemmF32.RunMore(m, columns, more, result, columns);
            return;
        }

        GemmF32.Run(m, columns, rows, 1f, upstream, rows, false, Source(w, type, columns, false), beta, result, columns, null, more);
    }

    /// <summary>dW[rows, columns] = dyᵀ · x + beta·dW.</summary>
    internal static void WeightGradient(
        float* upstream, float* x, int m, int rows, int columns, float beta, float* result, LinearPrecision precision)
    {
        if (IsMixed(m, DType.F32, precision))
        {
            MixedProduct.WeightGradient(upstream, x, m, rows, columns, beta, result);
            return;
        }

        GemmF32.Run(rows, columns, m, 1f, upstream, rows, true, x, columns, false, beta, result, columns);
    }

    /// <summary>sum[c] (+)= Σ over rows of x[r, c], in the order of the rows.</summary>
    internal static void SumRows(float* x, int rows, int columns, bool accumulate, float* sum)
    {
        var job = new SumRowsJob { Source = x, Rows = rows, Columns = columns, Accumulate = accumulate, Sum = sum };
        WorkerPool.Shared.Run(ref job, (columns + SumColumns - 1) / SumColumns);
    }

    /// <summary>A weight as the product's right-hand matrix; <paramref name="transposed"/> for x·Wᵀ.</summary>
    internal static GemmSource Source(byte* w, DType type, int columns, bool transposed) => type switch
    {
        DType.F32 => GemmSource.F32((float*)w, columns, transposed),
        DType.BF16 => GemmSource.BF16(w, columns, transposed),
        DType.F16 => GemmSource.F16(w, columns, transposed),
        _ => GemmSource.Rows(w, type.ByteCount(columns), transposed, BlockFormats.RowDecoder(type), type.BlockElements()),
    };

    /// <summary>Does a product whose activations or weights are rounded; false where they are multiplied as they are.</summary>
    private static bool RoundedForward(
        float* x, int m, byte* w, DType type, int rows, int columns, float* y, float* bias, LinearPrecision precision)
    {
        if (IsMixed(m, type, precision))
        {
            MixedProduct.Forward(x, m, (float*)w, rows, columns, y, bias);
            return true;
        }

        if (precision != LinearPrecision.Exact && type == DType.BF16 && m > SmallBatch)
        {
            GemmBF16.Run(m, rows, columns, x, columns, (ushort*)w, columns, true, 0f, y, rows, bias);
            return true;
        }

        if (precision != LinearPrecision.Exact && type == DType.BF16 && m > 1 && Gemv.HasSplit)
        {
            Gemv.RunSplit(m, rows, columns, (ushort*)w, x, columns, y, rows, bias);
            return true;
        }

        if (type.IsQuantized())
        {
            QuantizedGemm.Run(type, w, rows, columns, x, m, columns, y, rows, bias, 0f, precision);
            return true;
        }

        return false;
    }

    private static bool IsMixed(int m, DType type, LinearPrecision precision) =>
        precision == LinearPrecision.Mixed && type == DType.F32 && m > SmallBatch && MixedProduct.IsSupported;

    private struct SumRowsJob : IParallelJob
    {
        public float* Source;
        public int Rows;
        public int Columns;
        public bool Accumulate;
        public float* Sum;

        public readonly void Run(int index)
        {
            int start = index * SumColumns;
            int length = Math.Min(SumColumns, Columns - start);
            var sum = new Span<float>(Sum + start, length);
            if (!Accumulate)
            {
                sum.Clear();
            }

            for (int r = 0; r < Rows; r++)
            {
                TensorPrimitives.Add(sum, new ReadOnlySpan<float>(Source + ((long)r * Columns) + start, length), sum);
            }
        }
    }
}
