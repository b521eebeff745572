using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>BLIP that writes captions: a decoder whose layers look at the picture's states.</summary>
/// <remarks>Reference: transformers' <c>BlipForConditionalGeneration</c>. Safe for several threads.</remarks>
public sealed class BlipCaptioner : IImageCaptioner
{
    private readonly BlipVisionModel _vision;
    private readonly TransformerDecoder _text;

    internal BlipCaptioner(BlipVisionModel vision, BertConfig text, ConfigReader config, WeightScope weights)
    {
        _vision = vision;
        WeightScope decoder = weights["text_decoder"];
        TransformerInput input = BertLayers.Input(text, decoder["bert"]["embeddings"]);
        _text = new TransformerDecoder(
            input, BertLayers.Layers(text, decoder["bert"]["encoder"]), BertFamily.Head(text, decoder["cls"]["predictions"], input.Tokens));
        BeginToken = config.Int("bos_token_id", 30522);
        LabelSmoothing = config.Number("label_smoothing", 0);
    }

    /// <inheritdoc/>
    public int BeginToken { get; }

    /// <inheritdoc/>
    public double LabelSmoothing { get; }

    /// <summary>The decoder.</summary>
    public ILanguageModel Language => _text;

    /// <inheritdoc/>
    public Tensor EncodeImages(in VisionInput input, CancellationToken cancellation = default) =>
        _vision.Encode(input, cancellation: cancellation).LastHiddenState;

    /// <inheritdoc/>
    public Tensor Logits(Tensor states, IReadOnlyList<int[]> texts, IReadOnlyList<int>? lengths = null)
    {
        using WorkScope scope = WorkScope.Open();
        using var packed = new BlipTexts(texts);
        for (int i = 0; i < texts.Count; i++)
        {
            if (lengths is not null && lengths[i] < texts[i].Length)
            {
                packed.Batch.SetMask(i, Seen(texts[i].Length, lengths[i]));
            }
        }

        packed.Show(states, [.. Enumerable.Range(0, texts.Count)], _text.Remember);
        return scope.Keep(_text.Logits(_text.Forward(_text.Embed(packed.Ids), packed.Batch)));
    }

    /// <summary>Tokens see those before them and themselves, but none that fill up: Bool [1, 1, T, T].</summary>
    private static Tensor Seen(int count, int length)
    {
        Tensor mask = Ops.Empty([1, 1, count, count], DType.Bool);
        Span<bool> seen = mask.Writable<bool>();
        for (int i = 0; i < seen.Length; i++)
        {
            seen[i] = i % count <= Math.Min(i / count, length - 1);
        }

        return mask;
    }
}
