namespace Percept.Inference;

/// <summary>Generates: chooses the loop that the settings ask for.</summary>
public static class TextGenerator
{
    /// <summary>Continues the prompts of a request until every row has ended.</summary>
    /// <param name="session">
    /// The model with as many rows as there are prompts. It is changed, and left where the last step was.
    /// </param>
    /// <param name="request">What is to be generated.</param>
    /// <param name="cancellationToken">Looked at before every step.</param>
    /// <returns>The answers: for each prompt <see cref="GenerationSettings.NumReturnSequences"/>.</returns>
    /// <exception cref="ArgumentException">The request contradicts itself or the session.</exception>
    /// <exception cref="NotSupportedException">
    /// Settings or the session do not allow what is asked for together.
    /// </exception>
    /// <exception cref="ContextLengthException">Prompt and answer do not fit into the model's context.</exception>
    /// <exception cref="InvalidLogitsException">The logits are not numbers, or every token is forbidden.</exception>
    /// <exception cref="OperationCanceledException">Generation was cancelled.</exception>
    public static GenerationResult Generate(
        IGenerationSession session, GenerationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(request);
        CheckRequest(session, request);
        var plan = new GenerationPlan(request, session.VocabularySize);
        IReadOnlyList<GeneratedSequence> sequences = request.Settings.Mode switch
        {
            GenerationMode.Beam or GenerationMode.BeamSample => new BeamSearch(session, plan).Run(cancellationToken),
            GenerationMode.Contrastive => new ContrastiveSearch(Hidden(session), plan).Run(cancellationToken),
            GenerationMode.PromptLookup => new PromptLookupLoop(session, plan).Run(cancellationToken),
            _ => new SampleLoop(session, plan).Run(cancellationToken),
        };
        return new GenerationResult(request.Prompts, sequences, request.Settings.FillTokenId);
    }

    private static IHiddenStateSession Hidden(IGenerationSession session) => session as IHiddenStateSession
        ?? throw new NotSupportedException(
            "Contrastive search (penalty_alpha) needs a session that tells hidden states; leave penalty_alpha out.");

    private static void CheckRequest(IGenerationSession session, GenerationRequest request)
    {
        if (request.Prompts.Count == 0 || request.Prompts.Count != session.Rows)
        {
            throw new ArgumentException(
                $"The request has {request.Prompts.Count} prompts, the session {session.Rows} rows; give one prompt for each.");
        }

        bool fed = !request.FirstLogits.IsEmpty;
        if (fed && request.FirstLogits.Length != session.Rows * session.VocabularySize)
        {
            throw new ArgumentException(
                $"The first logits have {request.FirstLogits.Length} elements, expected {session.Rows} rows of " +
                $"{session.VocabularySize}.");
        }

        foreach (GenerationPrompt prompt in request.Prompts)
        {
            if (prompt.Padding < 0 || prompt.Padding > prompt.Ids.Count || (!fed && prompt.Padding == prompt.Ids.Count))
            {
                throw new ArgumentException(
                    $"A prompt has {prompt.Ids.Count} ids, {prompt.Padding} of them padding; at least one must be left to feed.");
            }
        }

        if (request.Settings.UsesGuidance)
        {
            CheckGuidance(session, request);
        }
    }

    private static void CheckGuidance(IGenerationSession session, GenerationRequest request)
    {
        if (request.Unconditional is not { } other)
        {
            throw new ArgumentException(
                "The setting 'guidance_scale' needs a second session for the context without the prompt (Unconditional).");
        }

        if (other.Rows != session.Rows || other.VocabularySize != session.VocabularySize)
        {
            throw new ArgumentException(
                $"The session without the prompt has {other.Rows} rows of {other.VocabularySize}, expected {session.Rows} of " +
                $"{session.VocabularySize}.");
        }

        if (request.NegativePrompts is { } negative && (negative.Count != session.Rows || negative.Any(ids => ids.Length == 0)))
        {
            throw new ArgumentException(
                $"There are {negative.Count} negative prompts, expected {session.Rows} of at least one id each.");
        }
    }
}
