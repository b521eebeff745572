using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// The class <c>MultimodalModel</c> as an article prints it: one vector of each picture, the projected class token, stands before
/// the text.
/// </summary>
/// <remarks>Dimensions: B pictures, D channels of the language model. Safe for several threads.</remarks>
public sealed class LiteralMultimodalModel : IMultimodalModel
{
    private readonly ClipVisionModel _encoder;
    private readonly Linear _projection;

    private LiteralMultimodalModel(ClipVisionModel encoder, Linear projection, ILanguageModel language)
    {
        _encoder = encoder;
        _projection = projection;
        Language = language;
    }

    /// <inheritdoc/>
    public ILanguageModel Language { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<MediaKind> Kinds => [MediaKind.Image];

    /// <inheritdoc/>
    public Tensor Encode(MediaInput media, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(media);
        return media.Tokens == 1
            ? Vectors(media.Pixels.Rows(0, 1), cancellation)
            : throw new PlaceholderMismatchException("a picture", media.Tokens, 1);
    }

    /// <summary>A vector of each picture (<c>encode_image</c>).</summary>
    /// <param name="pixels">Float32 [B, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [B, D].</returns>
    public Tensor Vectors(Tensor pixels, CancellationToken cancellation = default) =>
        _projection.Forward(VisionPixels.Token(LiteralParts.LastState(_encoder, pixels, cancellation), 0));

    /// <summary>What the language model is given: the vector, then the text.</summary>
    /// <param name="pixels">Float32 [B, 3, H, W].</param>
    /// <param name="ids">I32 or I64 [B, N]; null for the vector alone, from which a caption is written.</param>
    /// <returns>Float32 [B, 1 + N, D].</returns>
    public Tensor Embed(Tensor pixels, Tensor? ids)
    {
        Tensor vectors = Vectors(pixels);
        vectors = Ops.Reshape(vectors, [vectors.Shape[0], 1, vectors.Shape[1]]);
        if (ids is not { } text)
        {
            return vectors;
        }

        int batch = text.Shape[0], length = text.Shape[1];
        Tensor words = Language.Embed(Ops.Reshape(text, [batch * length]));
        return Ops.Concat([vectors, Ops.Reshape(words, [batch, length, Language.HiddenSize])], 1);
    }

    internal static LiteralMultimodalModel Make(ModelFiles files)
    {
        Checkpoints.WeightScope weights = files.Open(LiteralParts.Keys("vision_encoder", "language_model"));
        ClipVisionModel encoder = LiteralParts.Tower(files.Config, weights["vision_encoder"]);
        ILanguageModel language = LiteralParts.Language(files.Config, weights["language_model"]);
        return new LiteralMultimodalModel(encoder, weights.Linear("projection", language.HiddenSize, encoder.HiddenSize), language);
    }
}
