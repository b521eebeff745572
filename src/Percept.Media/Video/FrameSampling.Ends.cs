namespace Percept.Media;

/// <content>Choosing the ends and equal steps between.</content>
public static partial class FrameSampling
{
    /// <summary>
    /// All frames of a clip that has few; else the first, the last, and between them multiples of the whole step ⌊total ÷
    /// (most − 1)⌋.
    /// </summary>
    /// <param name="total">How many frames the clip has; 0 gives none.</param>
    /// <param name="most">How many frames are wanted at the most.</param>
    /// <returns>Numbers from 0, ascending; some may stand more than once.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are more frames than one and only one is wanted.</exception>
    public static int[] EndsAndSteps(int total, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        if (total <= most)
        {
            return [.. Enumerable.Range(0, total)];
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(most, 2);
        int step = total / (most - 1);
        return [.. Enumerable.Range(1, most - 2).Select(i => i * step).Append(0).Append(total - 1).Order()];
    }
}
