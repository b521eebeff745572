using System.Globalization;
using System.Numerics;

namespace Percept.Media;

/// <summary>When the frames that were chosen are shown.</summary>
public static class FrameTimes
{
    /// <summary>The time of every frame.</summary>
    /// <param name="frames">The frame numbers.</param>
    /// <param name="framesPerSecond">The clip's rate.</param>
    /// <returns>Seconds, one for each frame.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive.</exception>
    public static double[] Of(ReadOnlySpan<int> frames, double framesPerSecond) => OfPatches(frames, framesPerSecond, 1);

    /// <summary>
    /// The time of every temporal patch, as Qwen3-VL writes it before the patch's frames: midway between its first
    /// and last frame. The last frame is repeated to fill the last patch.
    /// </summary>
    /// <param name="frames">The frame numbers.</param>
    /// <param name="framesPerSecond">The clip's rate.</param>
    /// <param name="temporalPatch">Frames a temporal patch.</param>
    /// <returns>Seconds, one for each patch.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive, or the patch is empty.</exception>
    public static double[] OfPatches(ReadOnlySpan<int> frames, double framesPerSecond, int temporalPatch)
    {
        if (!(framesPerSecond > 0) || !double.IsFinite(framesPerSecond))
        {
            throw new ArgumentOutOfRangeException(nameof(framesPerSecond), framesPerSecond, "The clip's rate must be positive.");
        }

        if (temporalPatch < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(temporalPatch), temporalPatch, "A temporal patch has at least one frame.");
        }

        double[] times = new double[(frames.Length / temporalPatch) + (frames.Length % temporalPatch == 0 ? 0 : 1)];
        for (int i = 0; i < times.Length; i++)
        {
            int first = i * temporalPatch;
            int last = (int)Math.Min((long)first + temporalPatch - 1, frames.Length - 1);
            times[i] = ((frames[first] / framesPerSecond) + (frames[last] / framesPerSecond)) / 2;
        }

        return times;
    }

    /// <summary>A time with one decimal, as Qwen3-VL writes it: <c>&lt;1.5 seconds&gt;</c>.</summary>
    /// <param name="seconds">The time; its exact binary value is rounded half to even.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative or not finite.</exception>
    public static string ToText(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(seconds), seconds, "A time is finite and not negative.");
        }

        BigInteger tenths = Tenths(seconds);
        return string.Create(CultureInfo.InvariantCulture, $"<{tenths / 10}.{tenths % 10} seconds>");
    }

    /// <summary>Tenths of seconds. All arithmetic is on the exact binary value.</summary>
    private static BigInteger Tenths(double seconds)
    {
        const int bits = 1074;
        long raw = BitConverter.DoubleToInt64Bits(seconds);
        int exponent = (int)(raw >> 52);
        BigInteger mantissa = raw & ((1L << 52) - 1);
        BigInteger scaled = (exponent == 0 ? mantissa : (mantissa | (BigInteger.One << 52)) << (exponent - 1)) * 10;
        BigInteger tenths = scaled >> bits;
        BigInteger rest = scaled - (tenths << bits);
        int order = rest.CompareTo(BigInteger.One << (bits - 1));
        return order > 0 || (order == 0 && !tenths.IsEven) ? tenths + 1 : tenths;
    }
}
