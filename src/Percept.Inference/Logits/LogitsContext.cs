namespace Percept.Inference;

/// <summary>What a logits processor may look at: one row's sequence so far.</summary>
/// <remarks>
/// Lengths count left padding, as the reference does; a row without padding (the normal case here) is the same in every
/// batch.
/// </remarks>
public readonly ref struct LogitsContext
{
    /// <summary>Describes a row.</summary>
    /// <param name="ids">The ids so far: left padding, prompt, generated tokens.</param>
    /// <param name="promptLength">How many of them are the prompt with its padding.</param>
    /// <param name="maxLength">The greatest length that the row may reach, prompt included.</param>
    /// <param name="row">The row's number in the batch that is decoded.</param>
    /// <param name="prompt">The prompt that it continues; several rows (beams) may share one.</param>
    /// <param name="padding">How many of the ids are left padding.</param>
    public LogitsContext(
        ReadOnlySpan<int> ids, int promptLength, int maxLength = int.MaxValue, int row = 0, int prompt = 0, int padding = 0)
    {
        Ids = ids;
        PromptLength = promptLength;
        MaxLength = maxLength;
        Row = row;
        Prompt = prompt;
        Padding = padding;
    }

    /// <summary>The ids so far: left padding, prompt, generated tokens.</summary>
    public ReadOnlySpan<int> Ids { get; }

    /// <summary>How many of the ids are the prompt with its padding.</summary>
    public int PromptLength { get; }

    /// <summary>The greatest length that the row may reach, prompt included.</summary>
    public int MaxLength { get; }

    /// <summary>The row's number in the batch that is decoded.</summary>
    public int Row { get; }

    /// <summary>The prompt that it continues.</summary>
    public int Prompt { get; }

    /// <summary>How many of the ids are left padding.</summary>
    public int Padding { get; }

    /// <summary>The number of ids.</summary>
    public int Length => Ids.Length;

    /// <summary>The ids generated so far.</summary>
    public ReadOnlySpan<int> Generated => Ids[PromptLength..];
}
