namespace Percept.Data;

/// <summary>Which instructions are good enough to be kept.</summary>
public sealed record InstructionFilter
{
    /// <summary>The fewest words that all answers of a sample have together.</summary>
    public int FewestWords { get; init; } = 1;

    /// <summary>The most words that all answers of a sample have together.</summary>
    public int MostWords { get; init; } = 1000;

    /// <summary>Phrases that show that a writer refused, or spoke of its notes rather than of the picture; compared in lower case.</summary>
    public IReadOnlyList<string> Phrases { get; init; } =
    [
        "i'm sorry", "i am sorry", "as an ai", "i cannot", "i can't see", "language model", "the caption", "captions", "bounding box", "coordinates",
        "the notes", "provided information",
    ];

    /// <summary>The greatest share of an answer's rows of four words that may repeat earlier ones.</summary>
    public double MostRepetition { get; init; } = 0.3;

    /// <summary>Why a sample is not kept.</summary>
    /// <param name="sample">The sample.</param>
    /// <returns>A reason to be counted; null where the sample is kept.</returns>
    public string? Reject(DatasetSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        string[] answers = [.. sample.Messages.Where(message => message.Role == DataRoles.Assistant).Select(message => message.Text)];
        if (answers.Length == 0 || answers.Any(string.IsNullOrWhiteSpace))
        {
            return "empty answer";
        }

        List<string> words = [.. answers.SelectMany(TextShingles.Words)];
        if (words.Count < FewestWords)
        {
            return "too short";
        }

        if (words.Count > MostWords)
        {
            return "too long";
        }

        if (answers.Any(answer => Phrases.Any(phrase => answer.Contains(phrase, StringComparison.OrdinalIgnoreCase))))
        {
            return "unwanted phrase";
        }

        ulong[] rows = [.. words.Count >= 8 ? TextShingles.Hashes(words, 4) : []];
        return rows.Length > 0 && 1 - (rows.Distinct().Count() / (double)rows.Length) > MostRepetition ? "repetition" : null;
    }
}
