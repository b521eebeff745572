using Xunit;

namespace Percept.Training.Tests.Distributed;

/// <summary>Compares runs of training.</summary>
internal static class Curves
{
    /// <summary>Whether two runs are the same to the last bit.</summary>
    internal static bool SameBits((double[] Losses, string Weights) one, (double[] Losses, string Weights) other) =>
        one.Weights == other.Weights && one.Losses.SequenceEqual(other.Losses);

    /// <summary>Checks that two curves of losses differ by float rounding alone.</summary>
    internal static void Alike(double[] wanted, double[] got)
    {
        Assert.Equal(wanted.Length, got.Length);
        for (int step = 0; step < wanted.Length; step++)
        {
            Assert.True(
                Math.Abs(wanted[step] - got[step]) <= 1e-4, FormattableString.Invariant($"step {step}: {wanted[step]:r}, got {got[step]:r}"));
        }
    }
}
