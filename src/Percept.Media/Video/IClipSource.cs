namespace Percept.Media;

/// <summary>Where a clip's frames come from.</summary>
internal interface IClipSource
{
    ClipInfo Info { get; }

    /// <summary>Decodes frames whose numbers rise.</summary>
    IEnumerable<Image> Read(IReadOnlyList<int> indices, DecodeGuard guard);

    /// <summary>When each frame is shown, seconds; null where the source has no times.</summary>
    double[]? Timestamps(DecodeGuard guard);

    /// <summary>The clip's sound; null when it has none.</summary>
    Sound? ReadSound(DecodeGuard guard);
}
