using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>How a <see cref="NativeMultimodalTransformer"/> works.</summary>
public enum NativeFusion
{
    /// <summary>
    /// As printed: text, picture and sound in this order, every place sees every other, and the head reads the last places, as
    /// many as there are of text, although text stands first.
    /// </summary>
    AsPrinted,

    /// <summary>Picture and sound before the text, no place sees a later one, and the head reads the text's own places.</summary>
    Causal,
}

/// <summary>What a <see cref="NativeMultimodalTransformer"/> makes of its inputs.</summary>
/// <param name="Combined">Float32 [B, S, D]: the embeddings of all inputs, one after the other.</param>
/// <param name="Hidden">Float32 [B, S, D]: the last layer's states.</param>
/// <param name="Logits">Float32 [B, n, V]: of as many places as there are of text, or of all where there is no text.</param>
public sealed record NativeOutput(Tensor Combined, Tensor Hidden, Tensor Logits);

/// <summary>
/// The class <c>NativeMultimodalTransformer</c> as an article prints it: words, patches of pixels and frames of sound are embedded
/// alike and pass one encoder with norms behind its parts.
/// </summary>
/// <remarks>Dimensions: B samples, S places, D channels, V words. Safe for several threads.</remarks>
public sealed class NativeMultimodalTransformer
{
    private readonly NativeInput _text;
    private readonly NativeInput _image;
    private readonly NativeInput _audio;
    private readonly TransformerLayer[] _layers;
    private readonly TransformerLayer[] _causalLayers;
    private readonly Linear _head;
    private readonly int _size;

    private NativeMultimodalTransformer(ConfigReader config, WeightScope weights)
    {
        _size = config.Int("d_model", 512);
        int heads = config.Int("n_heads", 8), count = weights.CheckCount(config.Int("n_layers", 6), "transformer.layers"), inner = config.Int("ffn", 2048);
        int words = config.Int("vocab", 50000);
        _text = new NativeInput("text", weights["text_embed"].Take("weight", [words, _size]), null, Positions("text_pos", "max_text", 2048));
        _image = Take("image", "image_patch_embed", config.Int("patch", 768), Positions("image_pos", "max_image", 1024));
        _audio = Take("audio", "audio_frame_embed", config.Int("audio", 128), Positions("audio_pos", "max_audio", 3000));
        _layers = [.. Enumerable.Range(0, count).Select(i => Layer(weights["transformer.layers"][i], i, heads, inner, causal: false))];
        _causalLayers = [.. Enumerable.Range(0, count).Select(i => Layer(weights["transformer.layers"][i], i, heads, inner, causal: true))];
        _head = weights.Linear("lm_head", words, _size);

        Tensor Positions(string name, string key, int missing) => weights[name].Float("weight", [config.Int(key, missing), _size]);
        NativeInput Take(string what, string name, int inputs, Tensor positions) =>
            new(what, null, weights.Linear(name, _size, inputs), positions);
    }

    /// <summary>Runs the model; each input may be missing, but not all.</summary>
    /// <param name="text">I32 or I64 [B, n]; null for none.</param>
    /// <param name="patches">Float32 [B, n, pixels]; null for none.</param>
    /// <param name="frames">Float32 [B, n, features]; null for none.</param>
    /// <param name="fusion">How it works.</param>
    /// <exception cref="ArgumentException">There is no input, or more of one than there are positions.</exception>
    public NativeOutput Forward(Tensor? text, Tensor? patches, Tensor? frames, NativeFusion fusion = NativeFusion.AsPrinted)
    {
        Tensor?[] parts = [_text.Embed(text), _image.Embed(patches), _audio.Embed(frames)];
        if (fusion == NativeFusion.Causal)
        {
            parts = [parts[1], parts[2], parts[0]];
        }

        Tensor[] given = [.. parts.OfType<Tensor>()];
        Tensor combined = given.Length > 0 ? Ops.Concat(given, 1) : throw new ArgumentException("There is no input.", nameof(text));
        Tensor hidden = Encode(combined, fusion == NativeFusion.Causal ? _causalLayers : _layers);

        // In the printed order these are the last places whatever they hold; in the causal one they are the text's.
        int places = hidden.Shape[1], read = text is { } words ? words.Shape[1] : places;
        return new NativeOutput(combined, hidden, _head.Forward(Ops.Narrow(hidden, 1, places - read, read)));
    }

    internal static NativeMultimodalTransformer Make(ModelFiles files) => new(files.Config, files.Open(KeyMap.Identity));

    private TransformerLayer Layer(WeightScope weights, int layer, int heads, int inner, bool causal)
    {
        WeightScope attention = weights["self_attn"];
        var packed = new Linear(
            attention.Take("in_proj_weight", [3 * _size, _size]), attention.Float("in_proj_bias", [3 * _size]), weights.Options.Precision);
        var parts = new AttentionParts(
            heads, packed.Rows(0, _size), packed.Rows(_size, _size), packed.Rows(2 * _size, _size),
            attention.Linear("out_proj", _size, _size));
        return new TransformerLayer(layer)
        {
            NormsFirst = false,
            Attention = new HeadAttention(parts, causal, layer),
            AttentionNorm = weights.LayerNorm("norm1", _size, 1e-5f),
            FeedForward = new Mlp(weights.Linear("linear1", inner, _size), weights.Linear("linear2", _size, inner), Activation.Relu),
            FeedForwardNorm = weights.LayerNorm("norm2", _size, 1e-5f),
        };
    }

    private Tensor Encode(Tensor combined, TransformerLayer[] layers)
    {
        int samples = combined.Shape[0], places = combined.Shape[1];
        var batch = new SequenceBatch();
        for (int i = 0; i < samples; i++)
        {
            batch.Add(places);
        }

        Tensor rows = Ops.Reshape(combined, [samples * places, _size]);
        Tensor states = new LayerStack(layers).Forward(rows, new DecoderStep(batch, default), null);
        return Ops.Reshape(states, [samples, places, _size]);
    }
}
