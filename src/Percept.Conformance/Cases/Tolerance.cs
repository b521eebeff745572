namespace Percept.Conformance;

/// <summary>
/// How closely an output must match: |got − want| ≤ Absolute + Relative·|want|, or equality when both are 0.
/// </summary>
/// <param name="Absolute">The absolute part.</param>
/// <param name="Relative">The part that grows with the wanted value.</param>
public readonly record struct Tolerance(double Absolute, double Relative)
{
    /// <summary>Equality, element by element.</summary>
    public static Tolerance Exact => default;

    /// <summary>Whether nothing but equality will do.</summary>
    public bool IsExact => Absolute == 0 && Relative == 0;

    /// <summary>The greatest error that is allowed where <paramref name="want"/> is wanted.</summary>
    /// <param name="want">The wanted value.</param>
    public double At(double want) =>
        Absolute + (Relative == 0 || !double.IsFinite(want) ? 0 : Relative * Math.Abs(want));
}
