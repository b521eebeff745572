namespace Percept.Media;

/// <summary>The orders in which the 64 coefficients of a block lie in a file and in memory.</summary>
/// <remarks>
/// In memory a block is stored as the first pass of the inverse DCT wants it (<see cref="JpegIdct"/>): rows in pairs
/// (0, 4), (1, 7), (2, 6), (5, 3), sixteen numbers a pair, the two rows interleaved, columns in the order
/// 0, 1, 2, 5, 4, 7, 6, 3. Where a coefficient is put costs nothing when it is decoded, and saves all shuffles
/// afterwards.
/// </remarks>
internal static class JpegZigzag
{
    /// <summary>The coefficients of a block.</summary>
    internal const int Coefficients = 64;

    /// <summary>
    /// Numbers that a block takes while it is decoded: the coefficients and one that takes what is thrown away.
    /// </summary>
    internal const int WorkSize = 80;

    /// <summary>
    /// What "end of block" adds to the position in the zigzag order: past all coefficients that a run can reach.
    /// </summary>
    internal const int EndOfBlock = 80;

    /// <summary>The place in memory of row × 8 + column.</summary>
    private static readonly byte[] s_places = MakePlaces();

    /// <summary>
    /// The place in memory of each position of the zigzag order. Runs that leave the block hit the last coefficient
    /// (64 to 79), as in libjpeg; what comes from "end of block" hits the place behind the block.
    /// </summary>
    private static readonly byte[] s_order = MakeOrder();

    /// <summary>Row × 8 + column of each position of the zigzag order.</summary>
    internal static ReadOnlySpan<byte> Natural =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
        12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
        58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>The place in memory of row × 8 + column.</summary>
    internal static ReadOnlySpan<byte> Places => s_places;

    /// <summary>The place in memory of each position of the zigzag order, with what lies behind position 63.</summary>
    internal static ReadOnlySpan<byte> Order => s_order;

    private static byte[] MakePlaces()
    {
        ReadOnlySpan<byte> rows = [0, 4, 1, 7, 2, 6, 5, 3];
        ReadOnlySpan<byte> columns = [0, 1, 2, 5, 4, 7, 6, 3];
        byte[] places = new byte[Coefficients];
        for (int r = 0; r < 8; r++)
        {
            for (int c = 0; c < 8; c++)
            {
                places[(rows[r] * 8) + columns[c]] = (byte)((r / 2 * 16) + (c * 2) + (r & 1));
            }
        }

        return places;
    }

    private static byte[] MakeOrder()
    {
        byte[] order = new byte[256];
        Array.Fill(order, (byte)Coefficients);
        for (int k = 0; k < EndOfBlock; k++)
        {
            order[k] = s_places[Natural[Math.Min(k, 63)]];
        }

        return order;
    }
}
