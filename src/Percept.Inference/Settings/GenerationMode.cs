namespace Percept.Inference;

/// <summary>How tokens are chosen; follows from the settings.</summary>
public enum GenerationMode
{
    /// <summary>The most likely token each time.</summary>
    Greedy,

    /// <summary>A random token by its probability.</summary>
    Sample,

    /// <summary>Beam search.</summary>
    Beam,

    /// <summary>Beam search whose candidates are drawn.</summary>
    BeamSample,

    /// <summary>Contrastive search (arXiv 2202.06417).</summary>
    Contrastive,

    /// <summary>Greedy or random tokens, several at a time where the text repeats what stands before.</summary>
    PromptLookup,
}
