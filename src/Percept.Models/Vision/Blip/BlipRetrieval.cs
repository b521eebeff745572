using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>BLIP for retrieval: vectors of pictures and texts, and a judge of pairs.</summary>
/// <remarks>
/// One text encoder does both: without a picture it gives a text's vector, with one its layers look at the picture's states. Reference:
/// transformers' <c>BlipForImageTextRetrieval</c>. Safe for several threads.
/// </remarks>
public sealed class BlipRetrieval : IImageTextMatcher
{
    private readonly BlipVisionModel _vision;
    private readonly TransformerEncoder _text;
    private readonly TransformerLayer[] _layers;
    private readonly Linear _visionProjection;
    private readonly Linear _textProjection;
    private readonly Linear _judge;

    internal BlipRetrieval(BlipVisionModel vision, BertConfig text, int shared, WeightScope weights)
    {
        _vision = vision;
        WeightScope encoder = weights["text_encoder"];
        TransformerInput input = BertLayers.Input(text, encoder["embeddings"]);
        _layers = BertLayers.Layers(text, encoder["encoder"]);
        _text = new TransformerEncoder(input, _layers, text.HiddenSize);
        _visionProjection = weights.Linear("vision_proj", shared, vision.HiddenSize);
        _textProjection = weights.Linear("text_proj", shared, text.HiddenSize);
        _judge = weights.Linear("itm_head", 2, text.HiddenSize);
    }

    /// <summary>The tower.</summary>
    public BlipVisionModel Vision => _vision;

    /// <inheritdoc/>
    public Tensor EncodeImages(in VisionInput input, CancellationToken cancellation = default) =>
        _vision.Encode(input, cancellation: cancellation).LastHiddenState;

    /// <inheritdoc/>
    public Tensor EmbedImages(Tensor states)
    {
        using WorkScope scope = WorkScope.Open();
        return scope.Keep(Ops.L2Normalize(_visionProjection.Forward(VisionPixels.Token(states, 0))));
    }

    /// <inheritdoc/>
    public Tensor EmbedTexts(IReadOnlyList<int[]> texts)
    {
        using WorkScope scope = WorkScope.Open();
        using var packed = new BlipTexts(texts);
        return scope.Keep(Ops.L2Normalize(_textProjection.Forward(FirstStates(packed))));
    }

    /// <inheritdoc/>
    public Tensor Match(Tensor states, IReadOnlyList<int> pictures, IReadOnlyList<int[]> texts)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        using WorkScope scope = WorkScope.Open();
        using var packed = new BlipTexts(texts);
        packed.Show(states, pictures, own => TransformerLayer.Remember(_layers, own));
        return scope.Keep(_judge.Forward(FirstStates(packed)));
    }

    private Tensor FirstStates(BlipTexts packed)
    {
        Tensor states = _text.Encode(new TextInput(packed.Ids), packed.Batch).States;
        int[] firsts = [.. Enumerable.Range(0, packed.Batch.Count).Select(packed.Batch.StartOf)];
        return Ops.IndexSelect(states, Tensor.From(firsts, [firsts.Length]), 0);
    }
}
