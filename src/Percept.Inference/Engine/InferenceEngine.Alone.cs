using Percept.Models;
using Percept.Tensors;

namespace Percept.Inference;

/// <content>Runs that do not share passes, and what is said of numbers that are none.</content>
public sealed partial class InferenceEngine
{
    /// <summary>Beams and the other searches: the loops of <see cref="TextGenerator"/> on a session of their own.</summary>
    private void RunAlone(EngineSequence sequence, CancellationToken cancellation)
    {
        PreparedPrompt prompt = sequence.Request.Prompt;
        GenerationRequest request = sequence.Plan.Request;
        KvCache? start = _start?.Of(Before + sequence.Key.NextPosition);
        using var session = new ModelSession(Language, 1, Options.CacheType, Options.PrefillChunk, start);
        using ModelSession? other = request.Settings.UsesGuidance
            ? new ModelSession(Language, 1, Options.CacheType, Options.PrefillChunk, start)
            : null;
        var logits = Array.Empty<float>();
        if (prompt.Spans.Count > 0 || prompt.Positions is not null)
        {
            using Tensor embeddings = PromptEmbedder.Embed(prompt, 0, Language, span => Rows(span, cancellation));
            sequence.MarkEncoded();
            logits = new float[Language.VocabularySize];
            session.Feed(0, embeddings, prompt.Positions?.ToArray() ?? [], logits, cancellation);
        }

        GenerationResult result;
        try
        {
            result = TextGenerator.Generate(session, request with { FirstLogits = logits, Unconditional = other }, cancellation);
        }
        catch (InvalidLogitsException error) when (error.Finding is not null)
        {
            throw new InvalidLogitsException($"{error.Finding} {ExplainPrompt(prompt, cancellation)}", error.Row, error.Position);
        }

        foreach (int token in result.Sequences[0].Tokens)
        {
            sequence.MarkToken();
            sequence.Run.Put(token);
        }

        sequence.Run.End(new EngineResult(result.Sequences, sequence.Usage(result.Sequences[0].Tokens.Count)));
    }

    private string ExplainPrompt(PreparedPrompt prompt, CancellationToken cancellation)
    {
        using TensorScope scope = TensorScope.Open();
        using KvCache cache = StartedCache(Before + prompt.Ids.Count);
        using Tensor embeddings = PromptEmbedder.Embed(prompt, 0, Language, span => Rows(span, cancellation));
        return FiniteTrace.Explain(Language, embeddings, cache);
    }

    /// <summary>The same error, with the first layer whose numbers are none.</summary>
    private InvalidLogitsException Explain(InvalidLogitsException error, EngineSequence sequence, int fed)
    {
        if (error.Finding is null || sequence.Cache is not { } cache || cache.Length < fed)
        {
            return error;
        }

        using TensorScope scope = TensorScope.Open();
        Tensor inputs = sequence.IsPrefilling
            ? sequence.Pending.Rows(sequence.Fed - fed, fed)
            : Language.Embed(Tensor.From((ReadOnlySpan<int>)[sequence.LastToken], [1]));
        cache.Truncate(cache.Length - fed);
        return new InvalidLogitsException($"{error.Finding} {FiniteTrace.Explain(Language, inputs, cache)}", error.Row, error.Position);
    }
}
