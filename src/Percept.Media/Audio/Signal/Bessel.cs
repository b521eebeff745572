namespace Percept.Media;

/// <summary>The modified Bessel function of the first kind and order zero.</summary>
internal static class Bessel
{
    /// <summary>Σ ((x/2)^k / k!)², whose terms are all positive, so that nothing cancels.</summary>
    internal static double I0(double x)
    {
        double half = x / 2;
        double term = 1;
        double sum = 1;
        for (int k = 1; term > sum * 1e-17; k++)
        {
            double factor = half / k;
            term *= factor * factor;
            sum += term;
        }

        return sum;
    }
}
