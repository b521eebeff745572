namespace Percept.Media;

/// <summary>One picture of a GIF file: where it goes, what becomes of it, and where its data are.</summary>
internal sealed record GifFrame
{
    internal required int X { get; init; }

    internal required int Y { get; init; }

    internal required int Width { get; init; }

    internal required int Height { get; init; }

    internal required bool Interlaced { get; init; }

    /// <summary>The frame's own colours, 3 bytes each; empty when it uses those of the file.</summary>
    internal required Range LocalColors { get; init; }

    internal required bool HasLocalColors { get; init; }

    /// <summary>The index that is transparent; −1 for none.</summary>
    internal required int Transparent { get; init; }

    /// <summary>What becomes of the frame: 2 is cleared, 3 is what was there before, all others stay.</summary>
    internal required int Disposal { get; init; }

    /// <summary>How long it is shown; null where the file does not say.</summary>
    internal required double? DurationMilliseconds { get; init; }

    /// <summary>Where the LZW data begin: the code size, then blocks.</summary>
    internal required int DataOffset { get; init; }
}
