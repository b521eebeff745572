namespace Percept.Conformance;

/// <summary>What runs the verbs of a tokenizer that is no <c>tokenizer.json</c>.</summary>
/// <param name="Tokenize">Runs <c>tokenize</c>.</param>
/// <param name="Detokenize">Runs <c>detokenize</c>.</param>
internal sealed record TokenizerEngine(Action<RunContext> Tokenize, Action<RunContext> Detokenize);

/// <summary>The tokenizers by the value of <c>args.engine</c>.</summary>
internal static class TokenizerEngines
{
    /// <summary>The name of a run that has <c>args.model</c> but no engine.</summary>
    internal const string FromModel = "";

    private static readonly Dictionary<string, TokenizerEngine> s_engines = new(StringComparer.Ordinal)
    {
        [FromModel] = FamilyRuns.Engine,
        ["sentencepiece"] = SentencePieceRuns.Engine,
        ["tiktoken"] = TiktokenRuns.Engine,
        ["openai-clip"] = ClipRuns.Engine,
        ["SiglipTokenizer"] = SiglipRuns.Engine,
    };

    /// <summary>The engine of a run; null for a <c>tokenizer.json</c>.</summary>
    internal static TokenizerEngine? Find(RunArgs args)
    {
        string? name = args.Find("engine") is null ? null : args.Text("engine");
        if (name is null && (args.Has("tokenizer") || args.Has("base")))
        {
            return null;
        }

        return s_engines.TryGetValue(name ?? FromModel, out TokenizerEngine? engine)
            ? engine
            : throw new NotUnderstoodException($"the tokenizer engine '{name}' is not known");
    }
}
