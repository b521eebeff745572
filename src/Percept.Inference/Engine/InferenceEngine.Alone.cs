using Percept.Models;
using Percept.Tensors;

namespace Percept.Inference;

/// <content>Runs that do not share passes, and what is said of numbers that are none.</content>
public sealed partial class InferenceEngine
{
    /// <summary>Beams and the other searches: the loops of <see cref="TextGenerator"/> on a session of their own.</summary>
    private void RunAlone(EngineSequence sequence)
    {
        PreparedPrompt prompt = sequence.Request.Prompt;
        GenerationRequest request = sequence.Plan.Request;
        using var session = new ModelSession(Language, 1, Options.CacheType, Options.PrefillChunk);
        using ModelSession? other = request.Settings.UsesGuidance
            ? new ModelSession(Language, 1, Options.CacheType, Options.PrefillChunk)
            : null;
        var logits = Array.Empty<float>();
        if (prompt.Spans.Count > 0 || prompt.Positions is not null)
        {
            using Tensor embeddings = PromptEmbedder.Embed(
                prompt, 0, Language, span => _media.Rows(span.Media, _multimodal!, sequence.Cancellation));
            sequence.MarkEncoded();
            logits = new float[Language.VocabularySize];
            session.Feed(0, embeddings, prompt.Positions?.ToArray() ?? [], logits, sequence.Cancellation);
        }

        GenerationResult result = TextGenerator.Generate(
            session, request with { FirstLogits = logits, Unconditional = other }, sequence.Cancellation);
        foreach (int token in result.Sequences[0].Tokens)
        {
            sequence.MarkToken();
            sequence.Run.Put(token);
        }

        sequence.Run.End(new EngineResult(result.Sequences, sequence.Usage(result.Sequences[0].Tokens.Count)));
    }

    /// <summary>The same error, with the first layer whose numbers are none.</summary>
    private InvalidLogitsException Explain(InvalidLogitsException error, EngineSequence sequence, int fed)
    {
        if (sequence.Cache is not { } cache || cache.Length < fed)
        {
            return error;
        }

        using TensorScope scope = TensorScope.Open();
        Tensor inputs = sequence.IsPrefilling
            ? sequence.Pending.Rows(sequence.Fed - fed, fed)
            : Language.Embed(Tensor.From((ReadOnlySpan<int>)[sequence.LastToken], [1]));
        cache.Truncate(cache.Length - fed);
        return new InvalidLogitsException($"{error.Message} {FiniteTrace.Explain(Language, inputs, cache)}", error.Row, error.Position);
    }
}
