namespace Percept.Bench.Training;

/// <summary>What a step trains.</summary>
internal enum LlavaStepKind
{
    /// <summary>The projector (LLaVA's first stage).</summary>
    Stage1,

    /// <summary>Low-rank adapters of rank 16 beside all matrices of the language model.</summary>
    Lora,
}
