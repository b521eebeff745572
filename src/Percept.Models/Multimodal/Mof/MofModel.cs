using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// LLaVA with a mixture of features: CLIP and DINOv2 look at each picture, each with a projector of its own, and their tokens
/// take turns among the embeddings.
/// </summary>
/// <remarks>
/// Dimensions: k pictures, T tokens of a tower, D channels of the language model. Reference: tsb0601/MMVP (Eyes Wide Shut),
/// <c>llava_arch.py</c>, <c>dino_encoder.py</c>. Safe for several threads.
/// </remarks>
public sealed class MofModel : IMultimodalModel
{
    private static readonly int[] s_last = [-1];

    private readonly LlavaModel _clip;
    private readonly IVisionTower _dino;
    private readonly MlpProjector _dinoProjector;

    /// <summary>Puts the parts together.</summary>
    /// <param name="clip">The model with CLIP alone.</param>
    /// <param name="dino">DINOv2.</param>
    /// <param name="dinoProjector">From its channels to the language model's.</param>
    public MofModel(LlavaModel clip, IVisionTower dino, MlpProjector dinoProjector)
    {
        ArgumentNullException.ThrowIfNull(clip);
        _clip = clip;
        _dino = dino;
        _dinoProjector = dinoProjector;
        Layout = clip.Layout with { Towers = 2 };
    }

    /// <inheritdoc/>
    public ILanguageModel Language => _clip.Language;

    /// <inheritdoc/>
    public IReadOnlyCollection<MediaKind> Kinds => [MediaKind.Image];

    /// <summary>How many rows pictures become.</summary>
    public LlavaLayout Layout { get; }

    /// <inheritdoc/>
    /// <exception cref="PlaceholderMismatchException">The picture was prepared for another number of rows.</exception>
    public Tensor Encode(MediaInput media, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(media);
        if (media.Kind != MediaKind.Image || media.IsTiled)
        {
            throw new NotSupportedException("This model takes pictures that are not cut.");
        }

        int rows = Layout.Uncut(new(media.Pixels.Shape[2], media.Pixels.Shape[3]));
        return rows == media.Tokens
            ? Interleaved(media.Pixels, cancellation)
            : throw new PlaceholderMismatchException("a picture", media.Tokens, rows);
    }

    /// <summary>CLIP's states.</summary>
    /// <param name="pixels">Float32 [k, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [k, T, C].</returns>
    public Tensor ClipFeatures(Tensor pixels, CancellationToken cancellation = default) => _clip.Selected(pixels, cancellation);

    /// <summary>DINOv2's states before its last norm.</summary>
    /// <param name="pixels">Float32 [k, 3, H, W], normalised for CLIP, as the authors give both towers the same.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [k, T, C].</returns>
    public Tensor DinoFeatures(Tensor pixels, CancellationToken cancellation = default) =>
        TowerStates.Select(_dino, pixels, s_last, _clip.Config.KeepsFirst, cancellation);

    /// <summary>CLIP's tokens.</summary>
    /// <param name="pixels">Float32 [k, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [k, T, D].</returns>
    public Tensor ClipTokens(Tensor pixels, CancellationToken cancellation = default) => _clip.Features(pixels, cancellation);

    /// <summary>DINOv2's tokens.</summary>
    /// <param name="pixels">Float32 [k, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [k, T, D].</returns>
    public Tensor DinoTokens(Tensor pixels, CancellationToken cancellation = default) =>
        _dinoProjector.Forward(DinoFeatures(pixels, cancellation));

    /// <summary>The tokens of one picture, CLIP's and DINOv2's in turn.</summary>
    /// <param name="pixels">Float32 [1, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [2·T, D].</returns>
    public Tensor Interleaved(Tensor pixels, CancellationToken cancellation = default)
    {
        Tensor clip = ClipTokens(pixels.Rows(0, 1), cancellation), dino = DinoTokens(pixels.Rows(0, 1), cancellation);
        if (clip.Shape != dino.Shape)
        {
            throw new NotSupportedException(
                $"CLIP gives {clip.Shape[1]} tokens and DINOv2 {dino.Shape[1]}: tokens take turns only where there are equally many.");
        }

        return Ops.Reshape(Ops.Stack([clip, dino], 2), [2 * clip.Shape[1], clip.Shape[2]]);
    }
}
