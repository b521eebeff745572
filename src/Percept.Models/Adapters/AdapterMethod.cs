namespace Percept.Models;

/// <summary>The kind of an adapter.</summary>
public enum AdapterMethod
{
    /// <summary>Low-rank products beside chosen layers (Hu et al. 2021), plain, rank-stabilised or weight-decomposed.</summary>
    Lora,

    /// <summary>Learned factors of the outputs or inputs of chosen layers (Liu et al. 2022).</summary>
    Ia3,

    /// <summary>Small two-layer networks after chosen layers (Houlsby et al. 2019).</summary>
    Bottleneck,

    /// <summary>Learned embeddings before the prompt (Lester et al. 2021).</summary>
    PromptTuning,

    /// <summary>Learned embeddings before the prompt, made by a small network while they are trained (Liu et al. 2021).</summary>
    PTuning,

    /// <summary>Learned keys and values before those of the prompt, in every layer (Li and Liang 2021).</summary>
    PrefixTuning,
}
