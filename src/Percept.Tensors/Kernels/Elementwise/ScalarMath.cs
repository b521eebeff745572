namespace Percept.Tensors.Kernels;

/// <summary>Functions in double that the base library lacks, for the scalar twins.</summary>
internal static class ScalarMath
{
    /// <summary>ln(1 + x), accurate for small x.</summary>
    internal static double Log1p(double x)
    {
        double w = 1 + x;
        return w == 1 ? x : Math.Log(w) * x / (w - 1);
    }

    /// <summary>e^x − 1, accurate for small x.</summary>
    internal static double Expm1(double x)
    {
        if (Math.Abs(x) > 0.5)
        {
            return Math.Exp(x) - 1;
        }

        double sum = 0;
        double term = 1;
        for (int k = 1; k < 24; k++)
        {
            term *= x / k;
            sum += term;
        }

        return sum;
    }

    /// <summary>The standard normal distribution function Φ(x), relative error near 1e-15 in the lower tail too.</summary>
    internal static double NormalCdf(double x)
    {
        if (double.IsNaN(x) || x > 40)
        {
            return double.IsNaN(x) ? x : 1;
        }

        double t = Math.Abs(x);
        double lower;
        if (t < 3)
        {
            // Φ(t) = ½ + φ(t)·(t + t³/3 + t⁵/(3·5) + …)
            double term = t;
            double sum = t;
            for (int k = 3; k < 140; k += 2)
            {
                term *= t * t / k;
                sum += term;
            }

            lower = 0.5 - (sum * Math.Exp(-t * t / 2) / Math.Sqrt(2 * Math.PI));
        }
        else
        {
            // Laplace's continued fraction t + 1/(t + 2/(t + 3/…)).
            double fraction = t;
            for (int k = 150; k >= 1; k--)
            {
                fraction = t + (k / fraction);
            }

            lower = Math.Exp(-t * t / 2) / Math.Sqrt(2 * Math.PI) / fraction;
        }

        return x > 0 ? 1 - lower : lower;
    }
}
