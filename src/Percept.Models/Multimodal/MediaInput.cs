using Percept.Tensors;

namespace Percept.Models;

/// <summary>One medium as a processor prepared it for a model.</summary>
/// <remarks>Its tensors live until it is disposed, whatever scopes end meanwhile.</remarks>
public sealed class MediaInput : IDisposable
{
    /// <summary>The kind.</summary>
    public required MediaKind Kind { get; init; }

    /// <summary>What the encoder gets: pictures [tiles or frames, 3, H, W], or a family's own form.</summary>
    public required Tensor Pixels { get; init; }

    /// <summary>The size of the original picture or frame.</summary>
    public required ImageSize Size { get; init; }

    /// <summary>How many rows the medium becomes among the embeddings.</summary>
    public required int Tokens { get; init; }

    /// <summary>Whether the picture was cut into tiles as its size asks (AnyRes).</summary>
    public bool IsTiled { get; init; }

    /// <summary>Rows and columns of patches and, for clips, steps of time, where the family needs them.</summary>
    public (int Time, int Rows, int Columns) Grid { get; init; }

    /// <summary>A hash of the whole content and of how it was prepared; empty where nothing is to be reused.</summary>
    public string Hash { get; init; } = string.Empty;

    /// <inheritdoc/>
    public void Dispose() => Pixels.Dispose();
}
