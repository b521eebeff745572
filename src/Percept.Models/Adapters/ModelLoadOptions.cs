using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>How a model is loaded: its weights, and what stands beside them.</summary>
public sealed record ModelLoadOptions : LoadOptions
{
    /// <summary>Loads with the same settings of weights.</summary>
    /// <param name="options">The settings; null for none.</param>
    public ModelLoadOptions(LoadOptions? options = null)
        : base(options ?? new LoadOptions()) => Adapters = (options as ModelLoadOptions)?.Adapters;

    /// <summary>The adapters of its layers; null for none.</summary>
    public AdapterSet? Adapters { get; init; }
}
