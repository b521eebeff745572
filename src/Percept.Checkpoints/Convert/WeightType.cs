namespace Percept.Checkpoints;

/// <summary>How a converted checkpoint stores its matrices; vectors stay single-precision in GGUF files.</summary>
public enum WeightType
{
    /// <summary>Single precision.</summary>
    F32,

    /// <summary>Half precision.</summary>
    F16,

    /// <summary>Brain floats.</summary>
    BF16,

    /// <summary>8 bits in blocks of 32; GGUF only.</summary>
    Q8_0,

    /// <summary>4 bits in blocks of 32, the head in Q6_K; GGUF only.</summary>
    Q4_0,

    /// <summary>The mix known as Q4_K_M: 4 bits in blocks of 256, what matters more in Q6_K; GGUF only.</summary>
    Q4_K,

    /// <summary>6 bits in blocks of 256; GGUF only.</summary>
    Q6_K,
}
