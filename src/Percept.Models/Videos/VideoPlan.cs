namespace Percept.Models;

/// <summary>What becomes of a clip.</summary>
public sealed record VideoPlan
{
    /// <summary>The number of frames that are given.</summary>
    public required int Frames { get; init; }

    /// <summary>The size of a frame after the resize.</summary>
    public required ImageSize Resized { get; init; }

    /// <summary>The size of a frame as the model gets it.</summary>
    public required ImageSize Canvas { get; init; }

    /// <summary>The grid of patches (time, rows, columns); null where the processor does not cut patches.</summary>
    public (int Time, int Rows, int Columns)? Grid { get; init; }

    /// <summary>The number of tokens that the clip becomes; null where the model alone decides.</summary>
    public int? Tokens { get; init; }
}
