namespace Percept.Inference;

/// <summary>The answers to a request.</summary>
/// <param name="Prompts">The prompts.</param>
/// <param name="Sequences">
/// The answers: prompts in order, the answers of a prompt together, the best first with beams.
/// </param>
/// <param name="FillTokenId">What the reference fills finished rows with.</param>
public sealed record GenerationResult(
    IReadOnlyList<GenerationPrompt> Prompts, IReadOnlyList<GeneratedSequence> Sequences, int FillTokenId)
{
    /// <summary>The answers as rows of one length, as the reference gives them.</summary>
    /// <param name="withPrompt">Whether rows begin with their prompt.</param>
    public int[][] ToRows(bool withPrompt = true)
    {
        int[][] rows =
        [
            .. Sequences.Select(sequence => withPrompt
                ? [.. Prompts[sequence.Prompt].Ids, .. sequence.Tokens]
                : sequence.Tokens.ToArray()),
        ];
        int width = rows.Length == 0 ? 0 : rows.Max(row => row.Length);
        return [.. rows.Select(row => (int[])[.. row, .. Enumerable.Repeat(FillTokenId, width - row.Length)])];
    }
}
