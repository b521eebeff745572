namespace Percept.Conformance;

/// <summary>Texts to ids and back.</summary>
internal static class TokenizerVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["tokenize"] = SentencePieceRuns.Tokenize,
        ["detokenize"] = SentencePieceRuns.Detokenize,
    };
}
