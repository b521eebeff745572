namespace Percept.Tensors;

/// <summary>The rule by which rotary frequencies are stretched for longer contexts, by the names of Hugging Face configs.</summary>
public enum RopeScaling
{
    /// <summary>None.</summary>
    Default,

    /// <summary>All frequencies divided by the factor.</summary>
    Linear,

    /// <summary>A base that grows with the length beyond the trained one (dynamic NTK).</summary>
    Dynamic,

    /// <summary>YaRN: high frequencies kept, low ones divided, a ramp between (Peng et al., 2023).</summary>
    Yarn,

    /// <summary>Llama 3.1: by wavelength, with a smooth band between.</summary>
    Llama3,

    /// <summary>LongRoPE: a factor for each frequency, one list for short and one for long contexts (Ding et al., 2024).</summary>
    LongRope,
}
