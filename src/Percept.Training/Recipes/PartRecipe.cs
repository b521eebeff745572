using Percept.Models;

namespace Percept.Training;

/// <summary>How one part of a model is trained.</summary>
public sealed record PartRecipe
{
    /// <summary>The part: one of <see cref="ModelParts.Names"/>, or <c>all</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How much of it is trained.</summary>
    public PartTraining Training { get; set; }

    /// <summary>Of a model that is made from nothing: the folder of a checkpoint that this part is taken from; null for none.</summary>
    public string? From { get; set; }

    /// <summary>Multiplies the learning rate.</summary>
    public double RateFactor { get; set; } = 1;

    /// <summary>Of an adapter: its kind.</summary>
    public AdapterMethod Method { get; set; }

    /// <summary>Whether learned rows are put before prompts.</summary>
    public bool IsPrompt => Training == PartTraining.Adapter && Method is AdapterMethod.PromptTuning or AdapterMethod.PrefixTuning;

    /// <summary>Of LoRA: the rank.</summary>
    public int Rank { get; set; } = 8;

    /// <summary>Of LoRA: the products' factor is this over the rank.</summary>
    public double Alpha { get; set; } = 16;

    /// <summary>Of LoRA: the share of inputs that a product does not see in training.</summary>
    public double Dropout { get; set; }

    /// <summary>Of an adapter beside layers: the ends of the names of these layers.</summary>
    public IReadOnlyList<string> Targets { get; set; } = [];

    /// <summary>Of LoRA: whether the factor is alpha/√r.</summary>
    public bool RankStabilised { get; set; }

    /// <summary>Of LoRA: whether directions and lengths are learned apart (DoRA).</summary>
    public bool Decomposed { get; set; }

    /// <summary>Of IA3: the ends of the names of layers whose input is multiplied, not their output.</summary>
    public IReadOnlyList<string> FeedForwardTargets { get; set; } = [];

    /// <summary>Of bottleneck adapters: channels between the two layers.</summary>
    public int Bottleneck { get; set; } = 64;

    /// <summary>Of prompts and prefixes: how many learned tokens.</summary>
    public int VirtualTokens { get; set; }
}
