namespace Percept.Text;

/// <summary>The steps of patterns that one call may take: for the whole text, however it is cut into pieces.</summary>
internal sealed class StepBudget
{
    /// <summary>The steps that are left.</summary>
    internal long Left;

    /// <summary>Starts anew for a text of a length.</summary>
    internal void Reset(int length) => Left = TextPattern.StepsFor(length);
}
