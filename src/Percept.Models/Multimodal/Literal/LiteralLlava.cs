using Percept.Tensors;

namespace Percept.Models;

/// <summary>What becomes of a picture's features in <see cref="LiteralLlava"/>.</summary>
public enum LiteralFusion
{
    /// <summary>They are computed and dropped: the code as it is printed.</summary>
    Dropped,

    /// <summary>They stand before the text: what the text around the code says.</summary>
    Joined,
}

/// <summary>
/// The class <c>LLaVAModel</c> as an article prints it: a CLIP's last state with its class token through one linear layer.
/// </summary>
/// <remarks>
/// Not LLaVA, which drops the class token of the state before the last and puts features in the place of a mark: that is
/// <see cref="LlavaModel"/>. Dimensions: B pictures, T tokens, C channels of the tower, D of the language model. Safe for several
/// threads.
/// </remarks>
public sealed class LiteralLlava : IMultimodalModel
{
    private readonly ClipVisionModel _tower;
    private readonly Linear _projector;

    private LiteralLlava(ClipVisionModel tower, Linear projector, ILanguageModel language)
    {
        _tower = tower;
        _projector = projector;
        Language = language;
    }

    /// <inheritdoc/>
    public ILanguageModel Language { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<MediaKind> Kinds => [MediaKind.Image];

    /// <summary>Whether the vision tower and the language model are left as they are in training; the projector never is.</summary>
    public (bool Vision, bool Language) Freezes { get; private init; }

    /// <summary>Whether a tensor of the checkpoint is trained.</summary>
    /// <param name="name">Its name.</param>
    public bool Trains(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return !(Freezes.Vision && name.StartsWith("vision_tower.", StringComparison.Ordinal))
            && !(Freezes.Language && name.StartsWith("llm.", StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public Tensor Encode(MediaInput media, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(media);
        Tensor rows = Features(media.Pixels.Rows(0, 1), cancellation);
        return rows.Shape[1] == media.Tokens
            ? Ops.Reshape(rows, [rows.Shape[1], rows.Shape[2]])
            : throw new PlaceholderMismatchException("a picture", media.Tokens, rows.Shape[1]);
    }

    /// <summary>The tower's last state.</summary>
    /// <param name="pixels">Float32 [B, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [B, T, C].</returns>
    public Tensor States(Tensor pixels, CancellationToken cancellation = default) =>
        LiteralParts.LastState(_tower, pixels, cancellation);

    /// <summary>The projected features (<c>encode_images</c>).</summary>
    /// <param name="pixels">Float32 [B, 3, H, W].</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>Float32 [B, T, D].</returns>
    public Tensor Features(Tensor pixels, CancellationToken cancellation = default) =>
        _projector.Forward(States(pixels, cancellation));

    /// <summary>What the language model is given.</summary>
    /// <param name="ids">I32 or I64 [B, N].</param>
    /// <param name="pixels">Float32 [B, 3, H, W].</param>
    /// <param name="fusion">What becomes of the features.</param>
    /// <returns>Float32 [B, N, D], or [B, T + N, D] with features before the text.</returns>
    public Tensor Embed(Tensor ids, Tensor pixels, LiteralFusion fusion)
    {
        int batch = ids.Shape[0], length = ids.Shape[1];
        Tensor text = Language.Embed(Ops.Reshape(ids, [batch * length]));
        text = Ops.Reshape(text, [batch, length, Language.HiddenSize]);
        return fusion == LiteralFusion.Dropped ? text : Ops.Concat([Features(pixels), text], 1);
    }

    internal static LiteralLlava Make(ModelFiles files)
    {
        Checkpoints.WeightScope weights = files.Open(LiteralParts.Keys("vision_tower", "llm"));
        ClipVisionModel tower = LiteralParts.Tower(files.Config, weights["vision_tower"]);
        ILanguageModel language = LiteralParts.Language(files.Config, weights["llm"]);
        return new LiteralLlava(tower, weights.Linear("projector", language.HiddenSize, tower.HiddenSize), language)
        {
            Freezes = (files.Config.Flag("freeze_vision", true), files.Config.Flag("freeze_llm", true)),
        };
    }
}
