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
        using var session = new ModelSession(Language, 1, Options.CacheType, Options.PrefillChunk, start) { Cancellation = cancellation };
        using ModelSession? other = request.Settings.UsesGuidance
            ? new ModelSession(Language, 1, Options.CacheType, Options.PrefillChunk, start) { Cancellation = cancellation }
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
            // The tokens of the first answer alone are known.
            bool isFirst = error.Row == 0 && request.Settings.NumBeams == 1;
            string where = ExplainRun(prompt, isFirst ? answer.Tokens : [], !isFirst, cancellation);
            throw new InvalidLogitsException($"{error.Finding} {where}", error.Row, error.Position);
        }

        sequence.Run.End(new EngineResult(result.Sequences, sequence.Usage(result.Sequences[0].Tokens.Count)));
    }

    /// <summary>Runs a prompt, and what was chosen behind it, again to say where numbers stop being finite.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="tokens">The tokens chosen; none where they are not known.</param>
    /// <param name="promptAlone">Whether that is so: beams, or an answer other than the first.</param>
    /// <param name="cancellation">Stops it.</param>
    private string ExplainRun(PreparedPrompt prompt, IReadOnlyList<int> tokens, bool promptAlone, CancellationToken cancellation)
    {
        using TensorScope scope = TensorScope.Open();
        using KvCache cache = StartedCache(Before + prompt.Ids.Count + tokens.Count);
        using Tensor embeddings = PromptEmbedder.Embed(prompt, 0, Language, span => Rows(span, cancellation));
        Tensor inputs = tokens.Count == 0
            ? embeddings
            : Ops.Concat([embeddings, Language.Embed(Tensor.From([.. tokens], [tokens.Count]))], 0);
        string found = FiniteTrace.Explain(Language, inputs, cache, chunk: Options.PrefillChunk);
        return promptAlone ? $"In the prompt: {found}" : found;
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
        // Of a prompt that came in pieces all are run again: an earlier one may have brought what the last one read.
        int again = sequence.IsPrefilling ? sequence.Fed : fed;
        if (error.Finding is null || sequence.Cache is not { } cache || cache.Length < again)
        {
            return error;
        }

        using TensorScope scope = TensorScope.Open();
        Tensor inputs = sequence.IsPrefilling
            ? sequence.Pending.Rows(0, again)
            : Language.Embed(Tensor.From((ReadOnlySpan<int>)[sequence.LastToken], [1]));
        cache.Truncate(cache.Length - again);
        return new InvalidLogitsException(
            $"{error.Finding} {FiniteTrace.Explain(Language, inputs, cache, chunk: Options.PrefillChunk)}", error.Row, error.Position);
    }
}
