namespace Percept.Inference;

/// <summary>Makes several rows of each prompt's row: for beams, and for several answers.</summary>
internal static class RowSpread
{
    /// <summary>The prompt's row for each future row.</summary>
    internal static int[] Sources(int prompts, int copies) =>
        [.. Enumerable.Range(0, prompts * copies).Select(row => row / copies)];

    /// <summary>Repeats each row's logits in place: the first rows hold one for each prompt.</summary>
    internal static void Repeat(Span<float> logits, int prompts, int copies, int vocabularySize)
    {
        // From the end, so that nothing is overwritten before it is read.
        for (int row = (prompts * copies) - 1; row > 0; row--)
        {
            Span<float> source = logits.Slice(row / copies * vocabularySize, vocabularySize);
            source.CopyTo(logits.Slice(row * vocabularySize, vocabularySize));
        }
    }
}
