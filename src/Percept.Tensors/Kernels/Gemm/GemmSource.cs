using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels.Gemm;

/// <summary>The right-hand matrix of a product: floats, 16-bit floats, or rows of any format with a decoder.</summary>
/// <remarks>
/// <see cref="Transposed"/> means that the stored rows run over N and the columns over K, as weights [N, K] do in
/// x·Wᵀ. A decoder writes elements [first, first + count) of one stored row as floats; block formats are asked only for
/// ranges that begin at multiples of <see cref="Align"/> and end at one or at the row's end.
/// </remarks>
internal readonly unsafe struct GemmSource
{
    private GemmSource(
        byte* data, long rowBytes, bool transposed, delegate*<byte*, long, int, float*, void> decode, int align, DType? type)
    {
        Data = data;
        RowBytes = rowBytes;
        Transposed = transposed;
        Decode = decode;
        Align = align;
        Type = type;
    }

    /// <summary>The first stored row.</summary>
    internal byte* Data { get; }

    /// <summary>Bytes from one stored row to the next.</summary>
    internal long RowBytes { get; }

    /// <summary>Whether stored rows run over N rather than over K.</summary>
    internal bool Transposed { get; }

    /// <summary>Writes part of a stored row as floats; null when the rows are floats.</summary>
    internal delegate*<byte*, long, int, float*, void> Decode { get; }

    /// <summary>Granularity of the ranges that the decoder is asked for; a power of two, at most 256.</summary>
    internal int Align { get; }

    /// <summary>The type of the elements; null when only the decoder knows it.</summary>
    internal DType? Type { get; }

    /// <summary>A float matrix.</summary>
    internal static GemmSource F32(float* data, long ld, bool transposed) =>
        new((byte*)data, ld * sizeof(float), transposed, null, 1, DType.F32);

    /// <summary>A bfloat16 matrix.</summary>
    internal static GemmSource BF16(void* data, long ld, bool transposed) =>
        new((byte*)data, ld * sizeof(ushort), transposed, &HalfFloats.DecodeBF16, 1, DType.BF16);

    /// <summary>An IEEE half-precision matrix.</summary>
    internal static GemmSource F16(void* data, long ld, bool transposed) =>
        new((byte*)data, ld * sizeof(ushort), transposed, &HalfFloats.DecodeF16, 1, DType.F16);

    /// <summary>A matrix whose rows a function decodes.</summary>
    /// <param name="data">The first stored row.</param>
    /// <param name="rowBytes">Bytes from one stored row to the next.</param>
    /// <param name="transposed">Whether stored rows run over N.</param>
    /// <param name="decode">Called as (row, first element, count, destination).</param>
    /// <param name="align">Elements of a block: a power of two, at most 256.</param>
    internal static GemmSource Rows(
        byte* data, long rowBytes, bool transposed, delegate*<byte*, long, int, float*, void> decode, int align) =>
        new(data, rowBytes, transposed, decode, align, null);

    /// <summary>Address of element (row, column) of a float source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal float* At(long row, long column) => (float*)(Data + (row * RowBytes)) + column;
}
