namespace Percept.Media;

/// <summary>What DAC says: the bounds by which the probabilities of arithmetic-coded scans are chosen.</summary>
internal sealed class JpegArithmeticConditions
{
    private const int Tables = 16;
    private const byte DefaultBounds = 0x10;
    private const byte DefaultSplit = 5;

    private readonly byte[] _bounds = new byte[Tables];
    private readonly byte[] _splits = new byte[Tables];

    internal JpegArithmeticConditions()
    {
        _bounds.AsSpan().Fill(DefaultBounds);
        _splits.AsSpan().Fill(DefaultSplit);
    }

    /// <summary>Takes the pairs of a DAC segment.</summary>
    /// <returns>False when they say what does not exist.</returns>
    internal bool Read(ReadOnlySpan<byte> body)
    {
        if ((body.Length & 1) != 0)
        {
            return false;
        }

        for (int i = 0; i < body.Length; i += 2)
        {
            int index = body[i];
            byte value = body[i + 1];
            if (index >= 2 * Tables || (index < Tables && (value & 15) > value >> 4))
            {
                return false;
            }

            (index < Tables ? _bounds : _splits)[index % Tables] = value;
        }

        return true;
    }

    /// <summary>Whether a DC difference counts as zero for the one that follows.</summary>
    internal bool IsSmall(int table, int magnitude) => magnitude < 1 << (_bounds[table] & 15) >> 1;

    /// <summary>Whether a DC difference counts as large for the one that follows.</summary>
    internal bool IsLarge(int table, int magnitude) => magnitude > 1 << (_bounds[table] >> 4) >> 1;

    /// <summary>The last AC coefficient whose magnitudes count as those of low frequencies.</summary>
    internal int Split(int table) => _splits[table];
}
