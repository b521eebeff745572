using Percept.Models;

namespace Percept.Cli;

/// <summary>What a processor makes of a file.</summary>
/// <typeparam name="TPlan">The kind of its plans.</typeparam>
/// <param name="Name">The family's or the checkpoint's name.</param>
/// <param name="Plan">The plan; null when the file is refused.</param>
/// <param name="Refusal">Why it is refused; null when it is not.</param>
internal sealed record Planned<TPlan>(string Name, TPlan? Plan, string? Refusal)
    where TPlan : class;

/// <summary>What a file is.</summary>
/// <param name="Path">The file.</param>
/// <param name="Kind"><c>picture</c>, <c>clip</c> or <c>sound</c>.</param>
/// <param name="Facts">Names and values, in the order in which they are shown; null for what is not known.</param>
internal sealed record MediaReport(string Path, string Kind, IReadOnlyList<(string Name, object? Value)> Facts)
{
    /// <summary>What processors make of a picture, or of one frame of a clip.</summary>
    internal IReadOnlyList<Planned<ImagePlan>> Pictures { get; init; } = [];

    /// <summary>What processors make of a whole clip.</summary>
    internal IReadOnlyList<Planned<VideoPlan>> Clips { get; init; } = [];

    /// <summary>What processors make of a sound.</summary>
    internal IReadOnlyList<Planned<AudioPlan>> Sounds { get; init; } = [];

    /// <summary>What else is to be said; null for nothing.</summary>
    internal string? Note { get; init; }
}
