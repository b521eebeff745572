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
        var answer = new FirstAnswer(sequence.Run);
        try
        {
            result = TextGenerator.Generate(
                session,
                request with { FirstLogits = logits, Unconditional = other, Sink = answer, PromptsFed = sequence.MarkToken },
                cancellation);
        }
        catch (InvalidLogitsException error) when (error.Finding is not null)
        {
            throw new InvalidLogitsException(
                $"{error.Finding} {ExplainRun(prompt, answer.Tokens, request.Settings.NumBeams > 1, cancellation)}", error.Row, error.Position);
        }

        sequence.Run.End(new EngineResult(result.Sequences, sequence.Usage(result.Sequences[0].Tokens.Count)));
    }

    /// <summary>Runs a prompt, and what was chosen behind it, again to say where numbers stop being finite.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="tokens">The tokens chosen; with beams they are not known.</param>
    /// <param name="hasBeams">Whether there are beams.</param>
    /// <param name="cancellation">Stops it.</param>
    private string ExplainRun(PreparedPrompt prompt, IReadOnlyList<int> tokens, bool hasBeams, CancellationToken cancellation)
    {
        using TensorScope scope = TensorScope.Open();
        using KvCache cache = StartedCache(Before + prompt.Ids.Count + tokens.Count);
        using Tensor embeddings = PromptEmbedder.Embed(prompt, 0, Language, span => Rows(span, cancellation));
        Tensor inputs = tokens.Count == 0
            ? embeddings
            : Ops.Concat([embeddings, Language.Embed(Tensor.From([.. tokens], [tokens.Count]))], 0);
        string found = FiniteTrace.Explain(Language, inputs, cache);
        return hasBeams ? $"In the prompt: {found}" : found;
    }

    /// <summary>Hands the tokens of a run's first answer over as they come.</summary>
    private sealed class FirstAnswer(EngineRun run) : ITokenSink
    {
        private readonly List<int> _tokens = [];

        /// <summary>The tokens so far.</summary>
        internal IReadOnlyList<int> Tokens => _tokens;

        public void Put(int sequence, int token, FinishReason? finish)
        {
            if (sequence == 0)
            {
                _tokens.Add(token);
                run.Put(token);
            }
        }
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
