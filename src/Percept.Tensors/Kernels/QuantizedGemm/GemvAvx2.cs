using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

/// <summary>
/// One-row products in 256-bit intrinsics, for machines without the emitted kernels: sum[n] = Σ W[n, k]·x[k], each row of
/// blocks read once from front to back.
/// </summary>
/// <remarks>
/// Along K in sets of eight groups of 32. Quants are unpacked in K's direction and multiplied with vpmaddubsw; pairwise
/// additions bring eight groups' integer sums into the eight lanes of one vector, which is scaled at once. Activations are
/// signed bytes, in K's order but for Q4_0 (<see cref="Place"/>), and for each set
/// <code>
/// Q8_0        f32 [8]       the groups' scales
/// Q4_0, Q4_K  f32 [8] [8]   the groups' scales, then what meets the offset or the minima: −8·scale·Σq, −scale·Σq
/// Q6_K        f32 [16] [16] each half group's scale, then −32·scale·Σq of it
/// </code>
/// in the order of <see cref="Lane"/>. The last set may have fewer groups (types with blocks of 32 only); they keep K's order.
/// </remarks>
internal static unsafe partial class GemvAvx2
{
    private const int SetWeights = 256;
    private const int SetGroups = 8;

    /// <summary>Whether there is a kernel for a type on this machine.</summary>
    internal static bool Has(DType type) =>
        Avx2.IsSupported && Fma.IsSupported && type is (DType.Q8_0 or DType.Q4_0 or DType.Q4_K or DType.Q6_K);

    /// <summary>Bytes of a row's quants, whole sets.</summary>
    internal static long QuantBytes(int k) => (long)Sets(k) * SetWeights;

    /// <summary>Bytes of a row's scales.</summary>
    internal static long ScaleBytes(DType type, int k) => (long)Sets(k) * SetFloats(type) * sizeof(float);

    /// <summary>Quantizes a row of activations.</summary>
    /// <param name="type">A type that has a kernel.</param>
    /// <param name="x">The row.</param>
    /// <param name="k">Its length, a multiple of 32.</param>
    /// <param name="quants"><see cref="QuantBytes"/> bytes.</param>
    /// <param name="scales"><see cref="ScaleBytes"/> bytes.</param>
    internal static void Pack(DType type, float* x, int k, byte* quants, byte* scales)
    {
        int offset = PanelLayout.Of(type).Offset;
        int whole = k / SetWeights * SetGroups;
        sbyte* group = stackalloc sbyte[PanelLayout.Group];
        for (int i = 0; i < k / PanelLayout.Group; i++)
        {
            float scale = QuantizedRows.Quantize(x + (i * PanelLayout.Group), group, out int first, out int second);
            byte* set = quants + (i / SetGroups * SetWeights);
            float* factors = (float*)scales + (i / SetGroups * SetFloats(type));
            int index = i % SetGroups;
            Place(type, i < whole, index, group, set);
            if (type == DType.Q6_K)
            {
                int lane = (index / 4 * 8) + (index % 4);
                factors[lane] = scale;
                factors[lane + 4] = scale;
                factors[16 + lane] = scale * (-offset * first);
                factors[20 + lane] = scale * (-offset * second);
                continue;
            }

            int at = i < whole ? Lane(type, index) : index;
            factors[at] = scale;
            if (type == DType.Q4_0)
            {
                factors[8 + at] = scale * (-offset * (first + second));
            }
            else if (type == DType.Q4_K)
            {
                factors[8 + at] = -scale * (first + second);
            }
        }
    }

    /// <summary>Multiplies rows that lie end to end.</summary>
    /// <param name="type">A type that has a kernel.</param>
    /// <param name="weights">The first row's blocks.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    /// <param name="k">Weights of a row.</param>
    /// <param name="quants">Activations (<see cref="Pack"/>).</param>
    /// <param name="scales">Their scales.</param>
    /// <param name="sums">One a row.</param>
    internal static void Run(
        DType type, byte* weights, int rows, long rowBytes, int k, byte* quants, byte* scales, float* sums)
    {
        for (int row = 0; row < rows; row++)
        {
            byte* blocks = weights + (row * rowBytes);
            sums[row] = type switch
            {
                DType.Q8_0 => RowQ8_0(blocks, k, (sbyte*)quants, (float*)scales),
                DType.Q4_0 => RowQ4_0(blocks, k, (sbyte*)quants, (float*)scales),
                DType.Q4_K => RowQ4_K(blocks, k, (sbyte*)quants, (float*)scales),
                _ => RowQ6_K(blocks, k, (sbyte*)quants, (float*)scales),
            };
        }
    }

    private static int Sets(int k) => (k + SetWeights - 1) / SetWeights;

    private static int SetFloats(DType type) => type switch
    {
        DType.Q8_0 => 8,
        DType.Q6_K => 32,
        _ => 16,
    };

    /// <summary>The lane in which a group's sum arrives.</summary>
    private static int Lane(DType type, int index) => type == DType.Q4_0 ? (4 * (index % 2)) + (index / 2) : index;

    /// <summary>
    /// Copies a group to its place. Q4_0 multiplies two blocks at a time: the first halves of both, then the second halves.
    /// </summary>
    private static void Place(DType type, bool whole, int index, sbyte* group, byte* set)
    {
        bool paired = type == DType.Q4_0 && whole;
        int lower = paired ? (index / 2 * 64) + (index % 2 * 16) : index * PanelLayout.Group;
        Buffer.MemoryCopy(group, set + lower, 16, 16);
        Buffer.MemoryCopy(group + 16, set + lower + (paired ? 32 : 16), 16, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float RowQ8_0(byte* blocks, int k, sbyte* quants, float* scales)
    {
        const int Bytes = 34;
        Vector256<float> sum0 = Vector256<float>.Zero;
        for (int set = k / SetWeights; set > 0; set--)
        {
            Vector256<int> t0 = Fold(
                DotSigned(blocks + 2, quants),
                DotSigned(blocks + (2 + Bytes), quants + 32),
                DotSigned(blocks + (2 + (2 * Bytes)), quants + 64),
                DotSigned(blocks + (2 + (3 * Bytes)), quants + 96));
            Vector256<int> t1 = Fold(
                DotSigned(blocks + (2 + (4 * Bytes)), quants + 128),
                DotSigned(blocks + (2 + (5 * Bytes)), quants + 160),
                DotSigned(blocks + (2 + (6 * Bytes)), quants + 192),
                DotSigned(blocks + (2 + (7 * Bytes)), quants + 224));
            Vector256<float> factors = Halves(
                blocks, Bytes, 2 * Bytes, 3 * Bytes, 4 * Bytes, 5 * Bytes, 6 * Bytes, 7 * Bytes) * Vector256.Load(scales);
            sum0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(Join(t0, t1)), factors, sum0);
            blocks += SetGroups * Bytes;
            quants += SetWeights;
            scales += 8;
        }

        for (int left = k % SetWeights; left > 0; left -= PanelLayout.Group)
        {
            Vector256<float> factor = Vector256.Create(BlockScales.UsualHalf(blocks) * *scales++);
            sum0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(DotSigned(blocks + 2, quants)), factor, sum0);
            blocks += Bytes;
            quants += PanelLayout.Group;
        }

        return Vector256.Sum(sum0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float RowQ4_0(byte* blocks, int k, sbyte* quants, float* scales)
    {
        const int Bytes = 18;
        Vector256<float> sum0 = Vector256<float>.Zero;
        Vector256<float> sum1 = Vector256<float>.Zero;
        for (int set = k / SetWeights; set > 0; set--)
        {
            Vector256<int> dots = Fold(
                DotPair(blocks + 2, blocks + (2 + Bytes), quants),
                DotPair(blocks + (2 + (2 * Bytes)), blocks + (2 + (3 * Bytes)), quants + 64),
                DotPair(blocks + (2 + (4 * Bytes)), blocks + (2 + (5 * Bytes)), quants + 128),
                DotPair(blocks + (2 + (6 * Bytes)), blocks + (2 + (7 * Bytes)), quants + 192));
            Vector256<float> factors = Halves(
                blocks, 2 * Bytes, 4 * Bytes, 6 * Bytes, Bytes, 3 * Bytes, 5 * Bytes, 7 * Bytes);
            sum1 = Vector256.FusedMultiplyAdd(factors, Vector256.Load(scales + 8), sum1);
            sum0 = Vector256.FusedMultiplyAdd(
                Vector256.ConvertToSingle(dots), factors * Vector256.Load(scales), sum0);
            blocks += SetGroups * Bytes;
            quants += SetWeights;
            scales += 16;
        }

        for (int left = k % SetWeights; left > 0; left -= PanelLayout.Group)
        {
            Vector128<byte> packed = Vector128.Load(blocks + 2);
            Vector128<byte> low = Vector128.Create((byte)15);
            Vector256<byte> weights = Vector256.Create(packed & low, (packed.AsUInt16() >>> 4).AsByte() & low);
            Vector256<int> dot = Avx2.MultiplyAddAdjacent(
                Avx2.MultiplyAddAdjacent(weights, Vector256.Load(quants)), Vector256.Create((short)1));
            float scale = BlockScales.UsualHalf(blocks);
            sum0 = Vector256.FusedMultiplyAdd(
                Vector256.ConvertToSingle(dot), Vector256.Create(scale * scales[0]), sum0);
            sum1 += Vector256.CreateScalar(scale * scales[8]);
            blocks += Bytes;
            quants += PanelLayout.Group;
            scales++;
        }

        return Vector256.Sum(sum0 + sum1);
    }

    /// <summary>Eight lanes of sums of 32 signed weights times 32 activations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> DotSigned(byte* weights, sbyte* quants)
    {
        Vector256<sbyte> w = Vector256.Load((sbyte*)weights);
        Vector256<short> pairs = Avx2.MultiplyAddAdjacent(Avx2.Abs(w), Avx2.Sign(Vector256.Load(quants), w));
        return Avx2.MultiplyAddAdjacent(pairs, Vector256.Create((short)1));
    }

    /// <summary>Four lanes of sums of each of two blocks of 32 four-bit weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> DotPair(byte* first, byte* second, sbyte* quants)
    {
        Vector256<byte> packed = Vector256.Create(Vector128.Load(first), Vector128.Load(second));
        Vector256<byte> low = Vector256.Create((byte)15);
        Vector256<short> pairs =
            Avx2.MultiplyAddAdjacent(packed & low, Vector256.Load(quants))
            + Avx2.MultiplyAddAdjacent((packed.AsUInt16() >>> 4).AsByte() & low, Vector256.Load(quants + 32));
        return Avx2.MultiplyAddAdjacent(pairs, Vector256.Create((short)1));
    }

    /// <summary>The sums of the lower halves of four vectors in the lower half, of their upper halves in the upper half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Fold(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d) =>
        Avx2.HorizontalAdd(Avx2.HorizontalAdd(a, b), Avx2.HorizontalAdd(c, d));

    /// <summary>The sums of eight vectors that <see cref="Fold"/> has brought into two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Join(Vector256<int> first, Vector256<int> second) =>
        Avx2.Permute2x128(first, second, 0x20) + Avx2.Permute2x128(first, second, 0x31);

    /// <summary>Eight half-precision floats, the first one at <paramref name="at"/>, as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(byte* at, int b, int c, int d, int e, int f, int g, int h)
    {
        Vector128<ushort> halves = Vector128.Create(
            *(ushort*)at, *(ushort*)(at + b), *(ushort*)(at + c), *(ushort*)(at + d),
            *(ushort*)(at + e), *(ushort*)(at + f), *(ushort*)(at + g), *(ushort*)(at + h));
        Vector128<ushort> exponents = halves & Vector128.Create((ushort)0x7C00);
        if (Vector128.EqualsAny(exponents, Vector128.Create((ushort)0x7C00)) || Vector128.EqualsAny(exponents, default))
        {
            return Vector256.Create(
                BlockScales.Half(at), BlockScales.Half(at + b), BlockScales.Half(at + c), BlockScales.Half(at + d),
                BlockScales.Half(at + e), BlockScales.Half(at + f), BlockScales.Half(at + g), BlockScales.Half(at + h));
        }

        Vector256<int> wide = Avx2.ConvertToVector256Int32(halves.AsInt16());
        return (((wide << 13) & Vector256.Create(unchecked((int)0x8FFFE000))) + Vector256.Create(112 << 23)).AsSingle();
    }
}
