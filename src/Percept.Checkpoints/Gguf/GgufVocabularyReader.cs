using Percept.Text;

namespace Percept.Checkpoints;

/// <summary>Takes the tokenizer out of a GGUF file's metadata.</summary>
public static class GgufVocabularyReader
{
    // Real vocabularies have at most a few hundred thousand tokens.
    private const int MaxTokens = 16_000_000;

    private const string Prefix = "tokenizer.ggml.";

    /// <summary>Reads the keys under <c>tokenizer.ggml</c>.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="InvalidDataException">A key is missing, of a wrong type, of a wrong length, or names a token
    /// that is not there; the message names it.</exception>
    /// <exception cref="NotSupportedException">There are more tokens than any vocabulary has.</exception>
    public static GgufVocabulary Read(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        string model = file.FindText(Prefix + "model") ?? throw Missing(file, "model");
        string[] tokens = file.FindTexts(Prefix + "tokens") ?? throw Missing(file, "tokens");
        if (tokens.Length is 0 or > MaxTokens)
        {
            throw tokens.Length == 0
                ? Invalid(file, "tokens", "is empty")
                : new NotSupportedException(
                    $"'{file.Path}' has {tokens.Length} tokens, supported are at most {MaxTokens}. Check how it was made.");
        }

        return new GgufVocabulary
        {
            Model = model,
            PreTokenizer = file.FindText(Prefix + "pre"),
            Tokens = tokens,
            Scores = Scores(file, tokens.Length),
            Types = Types(file, tokens.Length),
            Merges = file.FindTexts(Prefix + "merges"),
            Charsmap = file.FindBytes(Prefix + "precompiled_charsmap") ?? [],
            BosId = Token(file, "bos_token_id", tokens.Length),
            EosId = Token(file, "eos_token_id", tokens.Length),
            UnknownId = Token(file, "unknown_token_id", tokens.Length),
            // The format's own spelling, then the corrected one.
            SeparatorId = Token(file, "seperator_token_id", tokens.Length) ?? Token(file, "separator_token_id", tokens.Length),
            PaddingId = Token(file, "padding_token_id", tokens.Length),
            ClassificationId = Token(file, "cls_token_id", tokens.Length),
            MaskId = Token(file, "mask_token_id", tokens.Length),
            AddBos = file.FindFlag(Prefix + "add_bos_token"),
            AddEos = file.FindFlag(Prefix + "add_eos_token"),
            AddSpacePrefix = file.FindFlag(Prefix + "add_space_prefix"),
            RemoveExtraWhitespaces = file.FindFlag(Prefix + "remove_extra_whitespaces"),
            ChatTemplate = file.FindText("tokenizer.chat_template"),
        };
    }

    private static float[]? Scores(GgufFile file, int count)
    {
        float[]? scores = file.FindFloats(Prefix + "scores");
        if (scores is not null && scores.Length != count)
        {
            throw Invalid(file, "scores", $"has {scores.Length} values, expected {count}");
        }

        int bad = scores is null ? -1 : Array.FindIndex(scores, float.IsNaN);
        return bad < 0 ? scores : throw Invalid(file, "scores", $"has no number at {bad}");
    }

    private static SentencePieceType[]? Types(GgufFile file, int count)
    {
        int[]? numbers = file.FindInt32s(Prefix + "token_type");
        if (numbers is null)
        {
            return null;
        }

        if (numbers.Length != count)
        {
            throw Invalid(file, "token_type", $"has {numbers.Length} values, expected {count}");
        }

        int bad = Array.FindIndex(numbers, number => number is < 0 or > 6);
        return bad < 0
            ? Array.ConvertAll(numbers, number => number == 0 ? SentencePieceType.Normal : (SentencePieceType)number)
            : throw Invalid(file, "token_type", $"has the type {numbers[bad]} at {bad}, expected 0 to 6");
    }

    private static int? Token(GgufFile file, string name, int count) => file.FindInteger(Prefix + name) switch
    {
        null => null,
        >= 0 and long id when id < count => (int)id,
        // Written by converters for "there is none".
        uint.MaxValue or -1 => null,
        long id => throw Invalid(file, name, $"is {id}, expected 0 to {count - 1}"),
    };

    private static InvalidDataException Missing(GgufFile file, string name) => new(
        $"'{file.Path}' has no '{Prefix}{name}', so it holds no tokenizer. Convert the model again, with its vocabulary.");

    private static InvalidDataException Invalid(GgufFile file, string name, string problem) => new(
        $"'{file.Path}' has a broken tokenizer: '{Prefix}{name}' {problem}. Convert the model again.");
}
