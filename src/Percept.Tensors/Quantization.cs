using Percept.Tensors.Kernels;
using Percept.Tensors.Threading;

namespace Percept.Tensors;

/// <summary>Converts between single-precision floats and the float and block-quantized storage types.</summary>
/// <remarks>
/// Block layouts and decoded values are GGUF's (reference: ggml-quants.c of ggml). Long inputs are worked on by
/// <see cref="WorkerPool.Shared"/>; results do not depend on the number of threads nor on the processor's vector units.
/// Thread-safe.
/// </remarks>
public static unsafe class Quantization
{
    private const int ItemElements = 1 << 15;

    /// <summary>Whether <see cref="Dequantize"/> reads the type: F32, BF16, F16 and every block type.</summary>
    /// <param name="type">The type.</param>
    public static bool CanDequantize(DType type) => BlockFormats.CanDecode(type);

    /// <summary>Whether <see cref="Quantize"/> writes the type: as for reading, less the codebook types IQ1, IQ2, IQ3.</summary>
    /// <param name="type">The type.</param>
    public static bool CanQuantize(DType type) => BlockFormats.CanEncode(type);

    /// <summary>Decodes blocks to floats.</summary>
    /// <param name="type">How <paramref name="source"/> is stored.</param>
    /// <param name="source">Whole blocks: the bytes of exactly as many elements as the destination holds.</param>
    /// <param name="destination">The elements; must not overlap the source.</param>
    /// <exception cref="ArgumentException">
    /// The destination's length is no whole number of blocks, or the source's length does not fit it.
    /// </exception>
    /// <exception cref="NotSupportedException">The type does not hold floats.</exception>
    public static void Dequantize(DType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        delegate*<byte*, long, int, float*, void> decode = BlockFormats.RowDecoder(type);
        long expected = Bytes(type, destination.Length, nameof(destination));
        if (source.Length != expected)
        {
            throw new ArgumentException(
                $"{destination.Length} elements of {type} take {expected} bytes, not {source.Length}.", nameof(source));
        }

        fixed (byte* blocks = source)
        fixed (float* elements = destination)
        {
            var job = new DecodeJob
            {
                Decode = decode,
                Blocks = blocks,
                Elements = elements,
                Count = destination.Length,
            };
            Run(ref job, destination.Length);
        }
    }

    /// <summary>Encodes floats as blocks.</summary>
    /// <remarks>
    /// Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, TQ1_0, TQ2_0, MXFP4, NVFP4, BF16 and F16 give the bytes of ggml's reference quantizer.
    /// The K formats, IQ4_NL and IQ4_XS search for the least squared error, weighted by <paramref name="importance"/> where
    /// given, and so do Q4_0 to Q5_1 when it is given; the other types do not use it.
    /// </remarks>
    /// <param name="type">The type to write.</param>
    /// <param name="source">The elements of one or more rows; must not overlap the destination.</param>
    /// <param name="destination">Exactly the bytes that the elements take.</param>
    /// <param name="importance">
    /// What a squared error in each column costs (finite, not negative; an "importance matrix" row: mean squared activations),
    /// as long as a row; or empty.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The source's length is no whole number of blocks, the destination's length does not fit it, or the importance is not as
    /// long as a row of whole blocks or holds a value that is negative or not finite.
    /// </exception>
    /// <exception cref="NotSupportedException">The type cannot be written.</exception>
    public static void Quantize(
        DType type, ReadOnlySpan<float> source, Span<byte> destination, ReadOnlySpan<float> importance = default)
    {
        if (!BlockFormats.CanEncode(type))
        {
            throw new NotSupportedException(
                $"{type} cannot be written; use F32, BF16, F16 or a block type other than IQ1, IQ2 and IQ3.");
        }

        long expected = Bytes(type, source.Length, nameof(source));
        if (destination.Length != expected)
        {
            throw new ArgumentException(
                $"{source.Length} elements of {type} take {expected} bytes, not {destination.Length}.",
                nameof(destination));
        }

        CheckImportance(type, source.Length, importance);
        fixed (float* elements = source)
        fixed (byte* blocks = destination)
        fixed (float* weights = importance)
        {
            var job = new EncodeJob
            {
                Type = type,
                Elements = elements,
                Blocks = blocks,
                Importance = weights,
                RowLength = importance.Length,
                Count = source.Length,
            };
            Run(ref job, source.Length);
        }
    }

    private static long Bytes(DType type, int elements, string argument)
    {
        if (elements % type.BlockElements() != 0)
        {
            throw new ArgumentException(
                $"{type} packs {type.BlockElements()} elements a block; {elements} elements are not a whole number of blocks.",
                argument);
        }

        return type.ByteCount(elements);
    }

    private static void CheckImportance(DType type, int elements, ReadOnlySpan<float> importance)
    {
        if (importance.IsEmpty)
        {
            return;
        }

        if (elements % importance.Length != 0 || importance.Length % type.BlockElements() != 0)
        {
            throw new ArgumentException(
                $"Importance is one value a column: its length {importance.Length} must divide the {elements} elements and be "
                + $"a multiple of {type}'s block of {type.BlockElements()}.",
                nameof(importance));
        }

        for (int i = 0; i < importance.Length; i++)
        {
            if (!(importance[i] >= 0 && float.IsFinite(importance[i])))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"Importance {i} is {importance[i]}; expected a finite value, not negative."),
                    nameof(importance));
            }
        }
    }

    private static void Run<TJob>(ref TJob job, int elements)
        where TJob : struct, IParallelJob
    {
        int items = (int)(((long)elements + ItemElements - 1) / ItemElements);
        if (items <= 1)
        {
            if (items == 1)
            {
                job.Run(0);
            }

            return;
        }

        WorkerPool.Shared.Run(ref job, items);
    }

    private struct DecodeJob : IParallelJob
    {
        internal delegate*<byte*, long, int, float*, void> Decode;
        internal byte* Blocks;
        internal float* Elements;
        internal int Count;

        public readonly void Run(int index)
        {
            long first = (long)index * ItemElements;
            Decode(Blocks, first, (int)Math.Min(ItemElements, Count - first), Elements + first);
        }
    }

    private struct EncodeJob : IParallelJob
    {
        internal DType Type;
        internal float* Elements;
        internal byte* Blocks;
        internal float* Importance;
        internal int RowLength;
        internal int Count;

        public readonly void Run(int index)
        {
            long first = (long)index * ItemElements;
            long end = Math.Min(first + ItemElements, Count);
            while (first < end)
            {
                // The importance repeats every row; pieces end where a row does.
                long column = Importance == null ? 0 : first % RowLength;
                long part = Importance == null ? end - first : Math.Min(end - first, RowLength - column);
                float* importance = Importance == null ? null : Importance + column;
                BlockFormats.Quantize(Type, Elements + first, part, Blocks + Type.ByteCount(first), importance);
                first += part;
            }
        }
    }
}
