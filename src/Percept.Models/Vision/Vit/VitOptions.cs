using Percept.Tensors;

namespace Percept.Models;

/// <summary>What a ViT is made of. Families differ in these values; each reads them from its own <c>config.json</c>.</summary>
internal sealed record VitOptions
{
    /// <summary>The family's name, as errors say it.</summary>
    internal required string Name { get; init; }

    /// <summary>The sizes.</summary>
    internal required VisionSizes Sizes { get; init; }

    /// <summary>What a layer is made of.</summary>
    internal required VisionBlockOptions Block { get; init; }

    /// <summary>Whether there is a class token.</summary>
    internal bool ClassToken { get; init; } = true;

    /// <summary>Whether a distillation token stands behind the class token (DeiT).</summary>
    internal bool DistillationToken { get; init; }

    /// <summary>How many register tokens stand behind the class token; they get no positions.</summary>
    internal int Registers { get; init; }

    /// <summary>The base of rotary positions; null for a learned table.</summary>
    internal double? RopeTheta { get; init; }

    /// <summary>Whether pictures of any size are taken without being asked for (DINO).</summary>
    internal bool AnySize { get; init; }

    /// <summary>How the table of positions is brought to other grids.</summary>
    internal ResampleOptions Resampling { get; init; } = PositionTable.Cubic;

    /// <summary>What is added to the sides of another grid first (see <see cref="PositionTable"/>); null for nothing.</summary>
    internal double? ResamplingOffset { get; init; }

    /// <summary>The name of the patch embedding under <c>embeddings</c>.</summary>
    internal string PatchEmbedding { get; init; } = "patch_embeddings.projection";

    /// <summary>Where the layers stand.</summary>
    internal string Layers { get; init; } = "encoder.layer";

    /// <summary>The name of the final norm.</summary>
    internal string FinalNorm { get; init; } = "layernorm";

    /// <summary>Whether the pooled vector is the normed class token as it is (DINO), rather than a pooler's.</summary>
    internal bool PoolsClassToken { get; init; }

    /// <summary>The pooler's channels.</summary>
    internal int PoolerSize { get; init; }

    /// <summary>The pooler's function.</summary>
    internal Activation PoolerActivation { get; init; } = Activation.Tanh;

    /// <summary>What the head for classes sees.</summary>
    internal VitClassifierInput Classifier { get; init; }

    /// <summary>The stages whose states are feature maps.</summary>
    internal int[] MapStages { get; init; } = [];

    /// <summary>Whether feature maps are normed.</summary>
    internal bool NormedMaps { get; init; } = true;

    /// <summary>Tokens before the patches.</summary>
    internal int PrefixTokens => (ClassToken ? 1 : 0) + (DistillationToken ? 1 : 0) + Registers;
}
