namespace Percept.Conformance;

/// <summary>Texts to ids and back.</summary>
internal static class TokenizerVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["tokenize"] = TokenizeVerb.Run,
        ["tokenize_batch"] = TokenizeBatchVerb.Run,
        ["detokenize"] = DetokenizeVerb.Run,
        ["detokenize_stream"] = DetokenizeVerb.RunStream,
        ["text_streamer"] = TextStreamerVerb.Run,
        ["normalize"] = TokenizerPartVerbs.Normalize,
        ["pre_tokenize"] = TokenizerPartVerbs.PreTokenize,
        ["decode_tokens"] = TokenizerPartVerbs.DecodeTokens,
        ["load_tokenizer"] = LoadTokenizerVerb.Run,
        ["whisper_prefix"] = WhisperVerbs.Prefix,
        ["whisper_decode"] = WhisperVerbs.Decode,
        ["whisper_normalize"] = WhisperVerbs.Normalize,
    };
}
