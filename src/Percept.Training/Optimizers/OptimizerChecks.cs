namespace Percept.Training;

/// <summary>Checks of settings that several optimizers share.</summary>
internal static class OptimizerChecks
{
    /// <summary>Requires a decay in [0, 1).</summary>
    internal static void Decay(double value, string name)
    {
        if (!(value >= 0 && value < 1))
        {
            throw new ArgumentOutOfRangeException(
                name, value, FormattableString.Invariant($"'{name}' is {value}, expected at least 0 and less than 1."));
        }
    }

    /// <summary>Requires a finite number that is not negative.</summary>
    internal static void NotNegative(double value, string name)
    {
        if (!(value >= 0 && double.IsFinite(value)))
        {
            throw new ArgumentOutOfRangeException(
                name, value,
                FormattableString.Invariant($"'{name}' is {value}, expected a finite number that is not negative."));
        }
    }

    /// <summary>Requires a finite number above 0.</summary>
    internal static void Positive(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value)))
        {
            throw new ArgumentOutOfRangeException(
                name, value, FormattableString.Invariant($"'{name}' is {value}, expected a finite number above 0."));
        }
    }
}
