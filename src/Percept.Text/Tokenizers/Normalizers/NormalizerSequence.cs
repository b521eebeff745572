namespace Percept.Text;

/// <summary>Several normalizers, one after the other (<c>Sequence</c>).</summary>
/// <param name="steps">The normalizers.</param>
public sealed class NormalizerSequence(IReadOnlyList<Normalizer> steps) : Normalizer
{
    private readonly Normalizer[] _steps = [.. steps];

    internal override void Apply(NormalizedText text)
    {
        foreach (Normalizer step in _steps)
        {
            step.Apply(text);
        }
    }
}
