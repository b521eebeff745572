namespace Percept.Training;

/// <summary>Which tokens of a conversation a model learns.</summary>
public sealed record SupervisionOptions
{
    /// <summary>Whether all text is learnt, the questions and what the template writes included; placeholders of media never are.</summary>
    public bool TrainOnPrompt { get; init; }

    /// <summary>Whether only the last answer is learnt.</summary>
    public bool MaskHistory { get; init; }

    /// <summary>How many frames a clip is shown by.</summary>
    public int ClipFrames { get; init; } = Inference.MediaLoader.DefaultFrames;

    /// <summary>Further variables of the chat template, such as <c>enable_thinking</c>.</summary>
    public IReadOnlyDictionary<string, Text.TemplateValue>? Variables { get; init; }
}
