using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Kernels;

/// <summary>
/// Activations as the panel kernels read them: signed bytes with one scale to 32, packed for tiles of rows. For a tile of
/// r rows, group after group of 32 along K, in bytes,
/// <code>
/// quants  s8  [r][32]     round(x·127 / max|x|)
/// scales  f32 [r]         max|x| / 127
/// first   s32 or f32 [r]  kinds without minima: −offset·Σq of the group (of its first half where scales cover 16);
/// second  s32 or f32 [r]  kinds with minima: scale·Σq of the same; second: of the second half where scales cover 16
/// </code>
/// </summary>
/// <remarks>
/// A group that holds a NaN or an infinity gets the scale NaN, so its products are NaN. Groups whose greatest magnitude is
/// below 2^-100 count as zeros. All widths give the same bits for finite values.
/// </remarks>
internal static unsafe class QuantizedRows
{
    /// <summary>Bytes of a row's share of a group.</summary>
    internal const int GroupBytesPerRow = PanelLayout.Group + (3 * sizeof(float));

    private const uint Infinity = 0x7F80_0000;
    private const uint Smallest = 0x0D80_0000;
    private const float RoundingMagic = 12582912f;
    private const int RoundingBits = 0x4B40_0000;

    /// <summary>Quantizes the rows of one tile.</summary>
    /// <param name="x">[rows, k].</param>
    /// <param name="ldx">Floats from one row to the next.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="k">A multiple of 32.</param>
    /// <param name="layout">What the weights need.</param>
    /// <param name="destination">rows·k / 32·<see cref="GroupBytesPerRow"/> bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Pack(float* x, long ldx, int rows, int k, in PanelLayout layout, byte* destination)
    {
        int groupBytes = rows * GroupBytesPerRow;
        int parts = layout.Parts;
        bool minimum = layout.HasMinimum;
        int offset = layout.Offset;
        for (int row = 0; row < rows; row++)
        {
            float* source = x + (row * ldx);
            byte* group = destination;
            for (int i = 0; i < k; i += PanelLayout.Group)
            {
                float scale = Quantize(source + i, (sbyte*)group + (PanelLayout.Group * row), out int first, out int second);
                float* scales = (float*)(group + (PanelLayout.Group * rows));
                scales[row] = scale;
                if (parts == 1)
                {
                    first += second;
                    second = 0;
                }

                if (minimum)
                {
                    scales[rows + row] = scale * first;
                    scales[(2 * rows) + row] = scale * second;
                }
                else
                {
                    ((int*)scales)[rows + row] = -offset * first;
                    ((int*)scales)[(2 * rows) + row] = -offset * second;
                }

                group += groupBytes;
            }
        }
    }

    /// <summary>Quantizes 32 values; returns their scale and the sums of both halves' quants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Quantize(float* x, sbyte* quants, out int first, out int second)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Quantize512(x, quants, out first, out second);
        }

        return Vector128.IsHardwareAccelerated
            ? Quantize128(x, quants, out first, out second)
            : QuantizeScalar(x, quants, out first, out second);
    }

    /// <summary>The scalar twin of <see cref="Quantize"/>.</summary>
    internal static float QuantizeScalar(float* x, sbyte* quants, out int first, out int second)
    {
        uint greatest = 0;
        for (int i = 0; i < PanelLayout.Group; i++)
        {
            greatest = Math.Max(greatest, BitConverter.SingleToUInt32Bits(x[i]) & 0x7FFF_FFFF);
        }

        float factor = Factor(greatest, out float scale);
        first = 0;
        second = 0;
        for (int i = 0; i < PanelLayout.Group; i++)
        {
            int quant = (sbyte)(BitConverter.SingleToInt32Bits((x[i] * factor) + RoundingMagic) - RoundingBits);
            quants[i] = (sbyte)quant;
            if (i < 16)
            {
                first += quant;
            }
            else
            {
                second += quant;
            }
        }

        return scale;
    }

    /// <summary>The factor to quants and the scale back, of a group whose greatest magnitude has these bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Factor(uint greatest, out float scale)
    {
        if (greatest - Smallest >= Infinity - Smallest)
        {
            scale = greatest >= Infinity ? float.NaN : 0f;
            return 0f;
        }

        float value = BitConverter.UInt32BitsToSingle(greatest);
        scale = value / 127f;
        return 127f / value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Quantize512(float* x, sbyte* quants, out int first, out int second)
    {
        Vector512<float> x0 = Vector512.Load(x);
        Vector512<float> x1 = Vector512.Load(x + 16);
        Vector512<uint> magnitude = Vector512.Create(0x7FFF_FFFFu);
        Vector512<uint> greatest = Vector512.Max(x0.AsUInt32() & magnitude, x1.AsUInt32() & magnitude);
        Vector256<uint> half = Vector256.Max(greatest.GetLower(), greatest.GetUpper());
        Vector128<uint> quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        quarter = Vector128.Max(quarter, Vector128.Shuffle(quarter, Vector128.Create(2u, 3, 0, 1)));
        quarter = Vector128.Max(quarter, Vector128.Shuffle(quarter, Vector128.Create(1u, 0, 3, 2)));
        float factor = Factor(quarter.ToScalar(), out float scale);

        Vector512<float> factors = Vector512.Create(factor);
        Vector512<float> magic = Vector512.Create(RoundingMagic);
        Vector512<int> magicBits = Vector512.Create(RoundingBits);
        Vector512<int> q0 = ((x0 * factors) + magic).AsInt32() - magicBits;
        Vector512<int> q1 = ((x1 * factors) + magic).AsInt32() - magicBits;
        Vector256<short> words0 = Vector256.Narrow(q0.GetLower(), q0.GetUpper());
        Vector256<short> words1 = Vector256.Narrow(q1.GetLower(), q1.GetUpper());
        Vector256.Narrow(words0, words1).Store(quants);
        first = Sum(words0);
        second = Sum(words1);
        return scale;
    }

    /// <summary>The sum of 16 quants, which fits 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Sum(Vector256<short> quants)
    {
        Vector128<short> pairs = quants.GetLower() + quants.GetUpper();
        return Vector128.Sum(Vector128.WidenLower(pairs) + Vector128.WidenUpper(pairs));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Quantize128(float* x, sbyte* quants, out int first, out int second)
    {
        Vector128<uint> magnitude = Vector128.Create(0x7FFF_FFFFu);
        Vector128<uint> greatest = Vector128<uint>.Zero;
        for (int i = 0; i < PanelLayout.Group; i += 4)
        {
            greatest = Vector128.Max(greatest, Vector128.Load(x + i).AsUInt32() & magnitude);
        }

        greatest = Vector128.Max(greatest, Vector128.Shuffle(greatest, Vector128.Create(2u, 3, 0, 1)));
        greatest = Vector128.Max(greatest, Vector128.Shuffle(greatest, Vector128.Create(1u, 0, 3, 2)));
        Vector128<float> factors = Vector128.Create(Factor(greatest.ToScalar(), out float scale));
        first = Quantize128(x, quants, factors);
        second = Quantize128(x + 16, quants + 16, factors);
        return scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Quantize128(float* x, sbyte* quants, Vector128<float> factors)
    {
        Vector128<int> q0 = Quant(x, factors);
        Vector128<int> q1 = Quant(x + 4, factors);
        Vector128<int> q2 = Quant(x + 8, factors);
        Vector128<int> q3 = Quant(x + 12, factors);
        Vector128.Narrow(Vector128.Narrow(q0, q1), Vector128.Narrow(q2, q3)).Store(quants);
        return Vector128.Sum(q0 + q1 + q2 + q3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Quant(float* x, Vector128<float> factors) =>
        ((Vector128.Load(x) * factors) + Vector128.Create(RoundingMagic)).AsInt32() - Vector128.Create(RoundingBits);
}
