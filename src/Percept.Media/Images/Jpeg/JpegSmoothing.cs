namespace Percept.Media;

/// <summary>
/// Smooths progressive pictures whose coefficients are not all known, as libjpeg does by default: the first AC
/// coefficients of a block that are still zero are estimated from the DC coefficients of the 5×5 blocks around it.
/// </summary>
/// <remarks>
/// Two sets of weights: where no AC coefficient of a component is known at all, nine of them and DC itself are
/// estimated by a kernel like a Gaussian one; else five by the method of the JPEG standard's section K.8 on a wider
/// window.
/// </remarks>
internal static unsafe class JpegSmoothing
{
    private const int Window = 5;
    private const int Estimates = 10;

    /// <summary>Row × 8 + column of DC and the nine coefficients that are estimated.</summary>
    private static ReadOnlySpan<byte> Positions => [0, 1, 8, 16, 9, 2, 3, 10, 17, 24];

    /// <summary>The weights where only DC is known: DC itself, then the coefficients in zigzag order.</summary>
    private static ReadOnlySpan<sbyte> FlatWeights =>
    [
        -2, -6, -8, -6, -2, -6, 6, 42, 6, -6, -8, 42, 0, 42, -8, -6, 6, 42, 6, -6, -2, -6, -8, -6, -2,
        -1, -1, 0, 1, 1, -3, 13, 0, -13, 3, -3, 38, 0, -38, 3, -3, 13, 0, -13, 3, -1, -1, 0, 1, 1,
        -1, -3, -3, -3, -1, -1, 13, 38, 13, -1, 0, 0, 0, 0, 0, 1, -13, -38, -13, 1, 1, 3, 3, 3, 1,
        0, 0, 1, 0, 0, 0, 2, 7, 2, 0, 0, -5, -14, -5, 0, 0, 2, 7, 2, 0, 0, 0, 1, 0, 0,
        -1, 0, 0, 0, 1, 0, 9, 0, -9, 0, 0, 0, 0, 0, 0, 0, -9, 0, 9, 0, 1, 0, 0, 0, -1,
        0, 0, 0, 0, 0, 0, 2, -5, 2, 0, 1, 7, -14, 7, 1, 0, 2, -5, 2, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 1, 0, -1, 0, 0, 2, 0, -2, 0, 0, 1, 0, -1, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 1, -3, 1, 0, 0, 0, 0, 0, 0, 0, -1, 3, -1, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 1, 0, -1, 0, 0, -3, 0, 3, 0, 0, 1, 0, -1, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, -1, -2, -1, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>The weights where some AC coefficients are known: none for DC, then five coefficients.</summary>
    private static ReadOnlySpan<sbyte> PartialWeights =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -7, 50, 0, -50, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, -7, 0, 0, 0, 0, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, -50, 0, 0, 0, 0, 7, 0, 0,
        0, 0, -1, 0, 0, 0, 0, 13, 0, 0, 0, 0, -24, 0, 0, 0, 0, 13, 0, 0, 0, 0, -1, 0, 0,
        0, -1, 0, 1, 0, -1, 10, 0, -10, 1, 0, 0, 0, 0, 0, 1, -10, 0, 10, -1, 0, 1, 0, -1, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 13, -24, 13, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>The weight of a block's own DC coefficient in its own estimate; too great for the table.</summary>
    private const int CenterWeight = 152;

    /// <summary>Whether a picture is to be smoothed.</summary>
    /// <param name="frame">The frame, after all scans.</param>
    /// <param name="known">
    /// Of each component the lowest bit that is known of DC and the first nine AC coefficients; -1 where nothing is.
    /// </param>
    internal static bool Applies(JpegFrame frame, int[][] known)
    {
        bool useful = false;
        foreach (JpegComponent component in frame.Components)
        {
            if (component.Quant is not { } quant || known[component.Index][0] < 0)
            {
                return false;
            }

            for (int i = 0; i < Estimates; i++)
            {
                if (quant[JpegZigzag.Places[Positions[i]]] == 0)
                {
                    return false;
                }

                useful |= i > 0 && known[component.Index][i] != 0;
            }
        }

        return useful;
    }

    /// <summary>Transforms the blocks of a row of MCUs, smoothed.</summary>
    internal static void TransformRow(
        JpegFrame frame, JpegCoefficients coefficients, int[][] known, JpegTables tables, JpegRowPipeline pipeline,
        int mcuRow)
    {
        short* work = stackalloc short[JpegZigzag.Coefficients];
        int* around = stackalloc int[Window * Window];
        short** rows = stackalloc short*[Window];
        foreach (JpegComponent component in frame.Components)
        {
            byte* samples = pipeline.Samples(component.Index, mcuRow, out nint stride);
            int count = Math.Min(component.V, component.BlocksHigh - (mcuRow * component.V));

            // Below the last row of MCUs there is nothing; rows of blocks that only fill it up still count above it.
            int end = mcuRow == frame.McusHigh - 1 ? component.BlocksHigh : component.PaddedBlocksHigh;
            for (int r = 0; r < count; r++)
            {
                int row = (mcuRow * component.V) + r;
                for (int i = 0; i < Window; i++)
                {
                    rows[i] = coefficients.Block(component.Index, 0, Math.Clamp(row + i - 2, 0, end - 1));
                }

                byte* to = samples + (r * 8 * stride);
                for (int x = 0; x < component.BlocksWide; x++, to += 8)
                {
                    for (int i = 0; i < Window * Window; i++)
                    {
                        int column = Math.Clamp(x + (i % Window) - 2, 0, component.BlocksWide - 1);
                        around[i] = rows[i / Window][column * JpegZigzag.Coefficients];
                    }

                    short* block = rows[2] + (x * JpegZigzag.Coefficients);
                    new ReadOnlySpan<short>(block, JpegZigzag.Coefficients).CopyTo(
                        new Span<short>(work, JpegZigzag.Coefficients));
                    Estimate(work, around, component.Quant!, known[component.Index]);
                    JpegIdct.Transform(
                        work, tables.Quant(component.Index), to, stride, JpegCoefficients.IsFlat(work) ? 0 : 63);
                }
            }
        }
    }

    private static void Estimate(short* block, int* around, short[] quant, int[] known)
    {
        bool flat = !known.AsSpan(1, Estimates - 1).ContainsAnyExcept(-1);
        ReadOnlySpan<sbyte> weights = flat ? FlatWeights : PartialWeights;
        long dc = Quant(quant, 0);
        int estimates = weights.Length / (Window * Window);
        for (int i = 1; i < estimates; i++)
        {
            short* coefficient = block + JpegZigzag.Places[Positions[i]];
            if (known[i] == 0 || *coefficient != 0)
            {
                continue;
            }

            long number = dc * Sum(weights.Slice(i * Window * Window, Window * Window), around);
            long step = Quant(quant, Positions[i]);
            int estimate = (int)(((step << 7) + Math.Abs(number)) / (step << 8));

            // What is known of it says that it is smaller.
            if (known[i] > 0 && estimate >= 1 << known[i])
            {
                estimate = (1 << known[i]) - 1;
            }

            *coefficient = (short)(number >= 0 ? estimate : -estimate);
        }

        if (flat)
        {
            long number = dc * (Sum(weights[..(Window * Window)], around) + (CenterWeight * around[12]));
            int estimate = (int)(((dc << 7) + Math.Abs(number)) / (dc << 8));
            block[0] = (short)(number >= 0 ? estimate : -estimate);
        }
    }

    private static long Quant(short[] quant, int position) => (ushort)quant[JpegZigzag.Places[position]];

    private static int Sum(ReadOnlySpan<sbyte> weights, int* around)
    {
        int sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += weights[i] * around[i];
        }

        return sum;
    }
}
