namespace Percept.Inference;

/// <summary>Collects the tokens of one step, row by row. Its buffers are reused.</summary>
internal sealed class StepFeed
{
    private int[] _rows = new int[16];
    private int[] _tokens = new int[16];

    /// <summary>The number of tokens.</summary>
    internal int Count { get; private set; }

    internal ReadOnlySpan<int> Rows => _rows.AsSpan(0, Count);

    internal ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    internal void Clear() => Count = 0;

    internal void Add(int row, int token)
    {
        if (Count == _rows.Length)
        {
            Array.Resize(ref _rows, 2 * Count);
            Array.Resize(ref _tokens, 2 * Count);
        }

        _rows[Count] = row;
        _tokens[Count++] = token;
    }

    /// <summary>Adds all ids of a prompt that are fed.</summary>
    internal void AddPrompt(int row, GenerationPrompt prompt)
    {
        for (int i = prompt.Padding; i < prompt.Ids.Count; i++)
        {
            Add(row, prompt.Ids[i]);
        }
    }

    /// <summary>Feeds what was collected, and forgets it.</summary>
    internal void Step(IGenerationSession session, Span<float> logits)
    {
        session.Step(Rows, Tokens, logits);
        Clear();
    }

    /// <summary>Feeds the prompts of a request, or takes the logits that it brings.</summary>
    internal void Begin(IGenerationSession session, GenerationRequest request, Span<float> logits)
    {
        if (!request.FirstLogits.IsEmpty)
        {
            request.FirstLogits.Span.CopyTo(logits);
            request.PromptsFed?.Invoke();
            return;
        }

        for (int row = 0; row < request.Prompts.Count; row++)
        {
            AddPrompt(row, request.Prompts[row]);
        }

        Step(session, logits);
        request.PromptsFed?.Invoke();
    }
}
