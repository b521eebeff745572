using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>A member of the LLaVA line in transformers' layout: data, and how its configuration is read.</summary>
/// <param name="ModelType">Its <c>model_type</c>.</param>
/// <param name="Read">Reads what is done with the tower's states.</param>
internal sealed record LlavaKind(string ModelType, Func<ConfigReader, LlavaConfig> Read)
{
    /// <summary>The language part where the configuration names none.</summary>
    internal string Language { get; init; } = "llama";

    /// <summary>The vision part where the configuration names none.</summary>
    internal string Vision { get; init; } = "clip_vision_model";

    /// <summary>The name of the tower of pictures.</summary>
    internal string Tower { get; init; } = "vision_tower";

    /// <summary>The name of the tower of frames; null where pictures and frames share one.</summary>
    internal string? VideoTower { get; init; }

    /// <summary>Whether the joined states pass a norm before they are projected.</summary>
    internal bool NormsStates { get; init; }

    /// <summary>The class of its processor.</summary>
    internal required string Processor { get; init; }

    /// <summary>Whether it takes clips too.</summary>
    internal bool TakesClips { get; init; }

    /// <summary>Whether several pictures of one prompt are not cut.</summary>
    internal bool CutsOnlyOne { get; init; }

    /// <summary>The reference's name of the tensor of pictures.</summary>
    internal string PixelName { get; init; } = "pixel_values";
}
