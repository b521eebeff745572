namespace Percept.Models;

/// <summary>What a layer of a vision transformer is made of.</summary>
public sealed record VisionBlockOptions
{
    /// <summary>Channels.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Attention heads; they divide the channels.</summary>
    public required int Heads { get; init; }

    /// <summary>Channels inside the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>The feed-forward part's function.</summary>
    public required Activation Activation { get; init; }

    /// <summary>What the norms add to the variance.</summary>
    public required float NormEps { get; init; }

    /// <summary>The names of the parts.</summary>
    public required VisionBlockNames Names { get; init; }

    /// <summary>Whether queries, keys and values are one layer; else they are where the checkpoint has them so.</summary>
    public bool Fused { get; init; }

    /// <summary>Whether queries have a bias.</summary>
    public bool QueryBias { get; init; } = true;

    /// <summary>Whether keys have a bias.</summary>
    public bool KeyBias { get; init; } = true;

    /// <summary>Whether values have a bias.</summary>
    public bool ValueBias { get; init; } = true;

    /// <summary>Whether the attention's output layer has a bias.</summary>
    public bool OutputBias { get; init; } = true;

    /// <summary>Whether the feed-forward layers have biases.</summary>
    public bool MlpBias { get; init; } = true;

    /// <summary>The feed-forward part.</summary>
    public VisionMlpKind Mlp { get; init; }

    /// <summary>The grid that the layer has a table of relative positions for (BEiT); null for none.</summary>
    public ImageSize? Window { get; init; }

    /// <summary>Whether both answers are multiplied with learned factors before they are added.</summary>
    public bool LayerScale { get; init; }
}
