namespace Percept.Text;

/// <summary>Several pre-tokenizers, one after the other (<c>Sequence</c>).</summary>
/// <param name="steps">The pre-tokenizers.</param>
public sealed class PreTokenizerSequence(IReadOnlyList<PreTokenizer> steps) : PreTokenizer
{
    internal PreTokenizer[] Steps { get; } = [.. steps];

    internal override bool NeedsAlignment => Steps.Any(static step => step.NeedsAlignment);

    internal override void Apply(PieceList pieces)
    {
        foreach (PreTokenizer step in Steps)
        {
            step.Apply(pieces);
        }
    }
}
