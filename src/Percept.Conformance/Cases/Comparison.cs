using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Compares an answer with what is wanted.</summary>
/// <remarks>
/// Two NaN are equal, one is an error. −∞ and anything at or below −1e38 are equal: forbidden logits are written as the
/// lowest float32. +∞ equals only itself. Exact outputs must have the wanted values bit for bit, except that both zeros
/// are equal.
/// </remarks>
internal static class Comparison
{
    private const double Forbidden = -1e38;

    internal static OutputResult Compare(string name, Tensor? got, Tensor? want, Tolerance tolerance)
    {
        if (want is not { } wanted)
        {
            return new(name, false, null, null, "the case has no tensor for it");
        }

        if (got is not { } given)
        {
            return new(name, false, null, null, "is missing");
        }

        if (given.Shape != wanted.Shape)
        {
            return new(name, false, null, null, $"has shape {given.Shape}, expected {wanted.Shape}");
        }

        if (IsFloat(given.DType) != IsFloat(wanted.DType))
        {
            return new(name, false, null, null, $"has type {given.DType}, expected {wanted.DType}");
        }

        return IsFloat(wanted.DType) || !tolerance.IsExact
            ? CompareNumbers(name, Numbers.Read(given), Numbers.Read(wanted), tolerance)
            : CompareIntegers(name, Numbers.ReadIntegers(given), Numbers.ReadIntegers(wanted));
    }

    private static bool IsFloat(DType type) => type.IsFloat();

    private static OutputResult CompareNumbers(string name, double[] got, double[] want, Tolerance tolerance)
    {
        // The worst element is the one that uses most of what it is allowed.
        double worst = -1;
        double worstError = 0;
        double worstAllowed = 0;
        int at = 0;
        int wrong = 0;
        for (int i = 0; i < want.Length; i++)
        {
            double allowed = tolerance.At(want[i]);
            double error = Error(got[i], want[i]);
            double used = error == 0 ? 0 : allowed == 0 ? double.PositiveInfinity : error / allowed;
            if (double.IsNaN(used))
            {
                used = double.PositiveInfinity;
            }

            // NaN fails too: the comparison is the other way round. No tolerance makes up for an infinite error.
            if (error != 0 && !(error <= allowed && double.IsFinite(error)))
            {
                wrong++;
            }

            if (used > worst || (used == worst && error > worstError))
            {
                (worst, worstError, worstAllowed, at) = (used, error, allowed, i);
            }
        }

        string? problem = wrong == 0
            ? null
            : FormattableString.Invariant(
                $"{wrong} of {want.Length} elements are off, the worst at {at}: got {got[at]:g9}, expected {want[at]:g9}");
        return new(name, wrong == 0, worstError, worstAllowed, problem);
    }

    private static double Error(double got, double want)
    {
        if (double.IsNaN(got) || double.IsNaN(want))
        {
            return double.IsNaN(got) && double.IsNaN(want) ? 0 : double.NaN;
        }

        if (want <= Forbidden || got <= Forbidden)
        {
            return want <= Forbidden && got <= Forbidden ? 0 : double.PositiveInfinity;
        }

        return got == want ? 0 : Math.Abs(got - want);
    }

    private static OutputResult CompareIntegers(string name, long[] got, long[] want)
    {
        int wrong = 0;
        int first = 0;
        double greatest = 0;
        for (int i = want.Length - 1; i >= 0; i--)
        {
            if (got[i] != want[i])
            {
                wrong++;
                first = i;
                greatest = Math.Max(greatest, Math.Abs((double)got[i] - want[i]));
            }
        }

        string? problem = wrong == 0
            ? null
            : FormattableString.Invariant(
                $"{wrong} of {want.Length} elements differ, first at {first}: got {got[first]}, wanted {want[first]}");
        return new(name, wrong == 0, greatest, 0, problem);
    }
}
