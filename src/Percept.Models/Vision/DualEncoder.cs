using Percept.Tensors;

namespace Percept.Models;

/// <summary>A vision and a text tower whose vectors lie in one space: CLIP, SigLIP and their kin.</summary>
/// <remarks>Dimensions: n pictures, m texts, E channels of the space. Safe for several threads.</remarks>
public sealed class DualEncoder : IVisionEncoder, ITextTower
{
    private readonly Tensor _logitScale;
    private readonly Tensor? _logitBias;

    /// <summary>Makes it of its parts.</summary>
    /// <param name="vision">The vision tower; its output has features.</param>
    /// <param name="text">The text tower; its output has features.</param>
    /// <param name="logitScale">Float32 [] or [1]: the logarithm of the factor of cosines.</param>
    /// <param name="logitBias">Float32 [] or [1]: added to logits; with it pairs are judged one by one, by a sigmoid.</param>
    public DualEncoder(IVisionEncoder vision, ITextTower text, Tensor logitScale, Tensor? logitBias = null)
    {
        VisionModel = vision;
        TextModel = text;
        _logitScale = logitScale;
        _logitBias = logitBias;
    }

    /// <summary>The vision tower.</summary>
    public IVisionEncoder VisionModel { get; }

    /// <summary>The text tower.</summary>
    public ITextTower TextModel { get; }

    /// <summary>Whether each pair is right or wrong alone (SigLIP), rather than one text of several (CLIP).</summary>
    public bool JudgesPairs => _logitBias is not null;

    /// <inheritdoc/>
    public VisionOutput Encode(in VisionInput input, ForwardTrace? trace = null, CancellationToken cancellation = default) =>
        VisionModel.Encode(input, trace, cancellation);

    /// <inheritdoc/>
    public TextTowerOutput EncodeText(
        Tensor ids, Tensor? mask = null, ForwardTrace? trace = null, CancellationToken cancellation = default) =>
        TextModel.EncodeText(ids, mask, trace, cancellation);

    /// <summary>The direction of each picture in the space.</summary>
    /// <param name="input">The pictures, and how to take them.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <returns>Float32 [n, E], each of length 1.</returns>
    public Tensor EmbedImages(in VisionInput input, CancellationToken cancellation = default)
    {
        using WorkScope scope = WorkScope.Open();
        VisionOutput output = Encode(input, null, cancellation);
        return scope.Keep(Ops.L2Normalize(output.Features ?? throw WithoutFeatures("vision")));
    }

    /// <summary>The direction of each text in the space.</summary>
    /// <param name="ids">I32 or I64 [m, T].</param>
    /// <param name="mask">[m, T]: 0 where a token is padding; null for none.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <returns>Float32 [m, E], each of length 1.</returns>
    public Tensor EmbedTexts(Tensor ids, Tensor? mask = null, CancellationToken cancellation = default)
    {
        using WorkScope scope = WorkScope.Open();
        TextTowerOutput output = EncodeText(ids, mask, null, cancellation);
        return scope.Keep(Ops.L2Normalize(output.Features ?? throw WithoutFeatures("text")));
    }

    /// <summary>How well pictures and texts fit: cosine · exp(scale) + bias.</summary>
    /// <param name="images">Float32 [n, E], each of length 1.</param>
    /// <param name="texts">Float32 [m, E], each of length 1.</param>
    /// <returns>Float32 [n, m].</returns>
    public Tensor Logits(Tensor images, Tensor texts)
    {
        using WorkScope scope = WorkScope.Open();
        Tensor scaled = Ops.Multiply(Ops.MatMul(images, texts, transposeB: true), Ops.Exp(_logitScale));
        return scope.Keep(_logitBias is { } bias ? Ops.Add(scaled, bias) : scaled);
    }

    /// <summary>The probabilities of logits: of each pair alone, or over the texts of a picture.</summary>
    /// <param name="logits">Float32 [n, m].</param>
    /// <returns>Float32 [n, m].</returns>
    public Tensor Probabilities(Tensor logits) => JudgesPairs ? Ops.Sigmoid(logits) : Ops.Softmax(logits);

    /// <summary>The loss that the model was trained with.</summary>
    /// <param name="logits">Float32 [n, n]; picture i belongs to text i.</param>
    /// <returns>Float32 [].</returns>
    public Tensor Loss(Tensor logits) => JudgesPairs ? ContrastiveLoss.Sigmoid(logits) : ContrastiveLoss.Softmax(logits);

    private static InvalidOperationException WithoutFeatures(string tower) =>
        new($"The {tower} tower has no projection into the shared space. Load the whole model, not the tower alone.");
}
