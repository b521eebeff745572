namespace Percept.Tensors;

/// <summary>
/// NF4: 4-bit codes into a table of 16 numbers that are equally likely for normally distributed weights, with one scale
/// for each block (Dettmers et al., "QLoRA", 2023). The first code of a pair stands in the high half of its byte.
/// </summary>
/// <remarks>
/// Weights are taken in row-major order, without regard to rows. The last block may be short. Double quantisation
/// stores the scales as 8-bit codes: less their mean, in blocks with a scale of their own. Thread-safe.
/// </remarks>
public static class NormalFloat4
{
    /// <summary>How many weights share a scale where nothing else is said.</summary>
    public const int DefaultBlock = 64;

    /// <summary>How many scales share a scale of their own in double quantisation where nothing else is said.</summary>
    public const int DefaultScaleBlock = 256;

    private const int Exponents = 7;

    // Quantiles of the normal distribution, scaled to [-1, 1], with an exact 0 (appendix E of the paper).
    private static readonly float[] s_table =
    [
        -1f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
        -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0f,
        0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
        0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1f,
    ];

    private static readonly float[] s_scaleTable = MakeScaleTable();

    /// <summary>The 16 numbers, ascending.</summary>
    public static ReadOnlySpan<float> Table => s_table;

    /// <summary>
    /// The 256 numbers for scales of double quantisation, ascending: both signs of ten to a power, and 0 and 1.
    /// </summary>
    public static ReadOnlySpan<float> ScaleTable => s_scaleTable;

    /// <summary>How many blocks, and so scales, a number of weights has.</summary>
    /// <param name="count">The number of weights.</param>
    /// <param name="block">How many share a scale.</param>
    public static int Blocks(int count, int block = DefaultBlock)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(block);
        return (int)(((long)count + block - 1) / block);
    }

    /// <summary>Encodes weights.</summary>
    /// <param name="weights">The weights, finite.</param>
    /// <param name="packed">Half as many bytes, rounded up; an odd count leaves the last low half 0.</param>
    /// <param name="scales">
    /// The greatest magnitude of each block, <see cref="Blocks"/> numbers; 0 for a block of zeros.
    /// </param>
    /// <param name="block">How many weights share a scale.</param>
    /// <exception cref="ArgumentException">A length does not fit, or a weight is not finite.</exception>
    public static void Quantize(
        ReadOnlySpan<float> weights, Span<byte> packed, Span<float> scales, int block = DefaultBlock)
    {
        CheckLengths(weights.Length, packed.Length, scales.Length, block);
        packed.Clear();
        for (int b = 0; b < scales.Length; b++)
        {
            int start = b * block;
            ReadOnlySpan<float> part = weights[start..Math.Min(weights.Length, start + block)];
            float scale = GreatestMagnitude(part, nameof(weights));
            scales[b] = scale;
            for (int i = 0; i < part.Length; i++)
            {
                int code = Nearest(s_table, scale == 0 ? 0 : part[i] / scale);
                int at = start + i;
                packed[at / 2] |= (byte)(at % 2 == 0 ? code << 4 : code);
            }
        }
    }

    /// <summary>Decodes weights: each block's scale times the table's number.</summary>
    /// <param name="packed">The codes, half as many bytes as weights, rounded up.</param>
    /// <param name="scales">A number for each block.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="block">How many weights share a scale.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static void Dequantize(
        ReadOnlySpan<byte> packed, ReadOnlySpan<float> scales, Span<float> weights, int block = DefaultBlock)
    {
        CheckLengths(weights.Length, packed.Length, scales.Length, block);
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = scales[i / block] * s_table[Code(packed, i)];
        }
    }

    /// <summary>The code of a weight.</summary>
    /// <param name="packed">The codes.</param>
    /// <param name="index">Which weight.</param>
    public static int Code(ReadOnlySpan<byte> packed, int index) =>
        index % 2 == 0 ? packed[index / 2] >> 4 : packed[index / 2] & 15;

    /// <summary>Encodes scales as 8-bit codes (double quantisation).</summary>
    /// <param name="scales">The scales, finite.</param>
    /// <param name="codes">As many codes, places in <see cref="ScaleTable"/>.</param>
    /// <param name="outer">
    /// The greatest magnitude of each block of scales less their mean, <see cref="Blocks"/> numbers.
    /// </param>
    /// <param name="block">How many scales share a number of <paramref name="outer"/>.</param>
    /// <returns>The mean of the scales, which decoding adds.</returns>
    /// <exception cref="ArgumentException">A length does not fit, or a scale is not finite.</exception>
    public static float QuantizeScales(
        ReadOnlySpan<float> scales, Span<byte> codes, Span<float> outer, int block = DefaultScaleBlock)
    {
        CheckScaleLengths(scales.Length, codes.Length, outer.Length, block);
        double sum = 0;
        foreach (float scale in scales)
        {
            sum += scale;
        }

        float mean = scales.IsEmpty ? 0 : (float)(sum / scales.Length);
        Span<float> centred = scales.Length <= 256 ? stackalloc float[scales.Length] : new float[scales.Length];
        for (int i = 0; i < scales.Length; i++)
        {
            centred[i] = scales[i] - mean;
        }

        for (int b = 0; b < outer.Length; b++)
        {
            int start = b * block, end = Math.Min(scales.Length, start + block);
            outer[b] = GreatestMagnitude(centred[start..end], nameof(scales));
            for (int i = start; i < end; i++)
            {
                codes[i] = (byte)Nearest(s_scaleTable, outer[b] == 0 ? 0 : centred[i] / outer[b]);
            }
        }

        return mean;
    }

    /// <summary>Decodes scales that <see cref="QuantizeScales"/> encoded.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="outer">A number for each block.</param>
    /// <param name="mean">The mean of the scales.</param>
    /// <param name="scales">The scales.</param>
    /// <param name="block">How many scales share a number of <paramref name="outer"/>.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static void DequantizeScales(
        ReadOnlySpan<byte> codes, ReadOnlySpan<float> outer, float mean, Span<float> scales, int block = DefaultScaleBlock)
    {
        CheckScaleLengths(scales.Length, codes.Length, outer.Length, block);
        for (int i = 0; i < scales.Length; i++)
        {
            scales[i] = (s_scaleTable[codes[i]] * outer[i / block]) + mean;
        }
    }

    /// <summary>
    /// The signed dynamic numbers: for i from 0 to 6 the 2ⁱ midpoints of [0.1, 1] cut evenly, times 10^(i − 6), both
    /// signs; and 0, 1.
    /// </summary>
    private static float[] MakeScaleTable()
    {
        var values = new List<float> { 0f, 1f };
        for (int i = 0; i < Exponents; i++)
        {
            int parts = 1 << i;
            double factor = Math.Pow(10, i - (Exponents - 1));
            for (int j = 0; j < parts; j++)
            {
                var value = (float)((0.1 + (0.9 * (j + 0.5) / parts)) * factor);
                values.Add(value);
                values.Add(-value);
            }
        }

        values.Sort();
        return [.. values];
    }

    /// <summary>The place of the nearest number; of two equally near ones the lower.</summary>
    private static int Nearest(ReadOnlySpan<float> table, float value)
    {
        // The first number that is not below the value lies in [above, end].
        int above = 0, end = table.Length;
        while (above < end)
        {
            int middle = (above + end) / 2;
            (above, end) = table[middle] < value ? (middle + 1, end) : (above, middle);
        }

        return above == 0 ? 0
            : above == table.Length ? table.Length - 1
            : value - table[above - 1] <= table[above] - value ? above - 1 : above;
    }

    private static float GreatestMagnitude(ReadOnlySpan<float> values, string argument)
    {
        float greatest = 0;
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"{value} cannot be quantized; expected finite numbers."), argument);
            }

            greatest = Math.Max(greatest, Math.Abs(value));
        }

        return greatest;
    }

    private static void CheckLengths(int weights, int packed, int scales, int block)
    {
        int expectedBytes = (weights / 2) + (weights % 2), expectedScales = Blocks(weights, block);
        if (packed != expectedBytes || scales != expectedScales)
        {
            throw new ArgumentException(
                $"{weights} weights in blocks of {block} take {expectedBytes} bytes and {expectedScales} scales, " +
                $"not {packed} and {scales}.");
        }
    }

    private static void CheckScaleLengths(int scales, int codes, int outer, int block)
    {
        if (codes != scales || outer != Blocks(scales, block))
        {
            throw new ArgumentException(
                $"{scales} scales in blocks of {block} take as many codes and {Blocks(scales, block)} outer scales, " +
                $"not {codes} and {outer}.");
        }
    }
}
