using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// T5 and Flan-T5 (transformers: <c>t5</c>), whole or the encoder alone: relative positions, unscaled scores, norms without mean.
/// </summary>
internal static class T5Family
{
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Ignore("decoder.block.{n}.layer.1.EncDecAttention.relative_attention_bias.weight", "older files hold it; nothing reads it");

    internal static object Make(ConfigReader config, WeightScope weights)
    {
        T5Config read = T5Config.Read(config);
        Tensor tokens = weights.Shared(
            [read.VocabularySize, read.HiddenSize], "shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight");
        var input = new TransformerInput { Tokens = tokens };
        var encoder = new TransformerEncoder(input, Layers(read, weights["encoder"], false, out RelativeBias? bias), read.HiddenSize)
        {
            FinalNorm = weights["encoder"].RmsNorm("final_layer_norm", read.HiddenSize, read.NormEps),
            Bias = bias,
        };

        // What a file holds decides: encoders are published with the configuration of the whole.
        if (!weights["decoder"].HasAny())
        {
            return encoder;
        }

        var head = new OutputHead { Decoder = weights.Head("lm_head", tokens, tied: true), Scale = read.OutputScale };
        var decoder = new TransformerDecoder(input, Layers(read, weights["decoder"], true, out bias), head)
        {
            FinalNorm = weights["decoder"].RmsNorm("final_layer_norm", read.HiddenSize, read.NormEps),
            Bias = bias,
        };
        return new EncoderDecoder(encoder, decoder, read.DecoderStart);
    }

    private static TransformerLayer[] Layers(T5Config config, WeightScope weights, bool decoder, out RelativeBias? bias)
    {
        var layers = new TransformerLayer[weights.CheckCount(decoder ? config.DecoderLayers : config.EncoderLayers, "layers")];
        for (int i = 0; i < layers.Length; i++)
        {
            WeightScope parts = weights["block"][i]["layer"];
            int last = decoder ? 2 : 1;
            Norm Before(int part) => parts[part].RmsNorm("layer_norm", config.HiddenSize, config.NormEps);
            layers[i] = new TransformerLayer(i)
            {
                NormsFirst = true,
                Attention = new HeadAttention(Attention(config, parts[0]["SelfAttention"]), decoder, i),
                AttentionNorm = Before(0),
                Cross = decoder ? new CrossAttention(Attention(config, parts[1]["EncDecAttention"]), i) : null,
                CrossNorm = decoder ? Before(1) : null,
                FeedForward = FeedForward(config, parts[last]["DenseReluDense"]),
                FeedForwardNorm = Before(last),
            };
        }

        // The first layer's table serves all.
        Tensor table = weights["block"][0]["layer"][0]["SelfAttention"]["relative_attention_bias"]
            .Take("weight", [config.Buckets, config.Heads]);
        bias = new RelativeBias(table, bothWays: !decoder, config.MaximumDistance);
        return layers;
    }

    private static AttentionParts Attention(T5Config config, WeightScope weights)
    {
        int hidden = config.HiddenSize, inner = config.Heads * config.HeadSize;
        return new AttentionParts(
            config.Heads,
            weights.Linear("q", inner, hidden, bias: false),
            weights.Linear("k", inner, hidden, bias: false),
            weights.Linear("v", inner, hidden, bias: false),
            weights.Linear("o", hidden, inner, bias: false),
            Scale: 1f);
    }

    private static IFeedForward FeedForward(T5Config config, WeightScope weights)
    {
        int hidden = config.HiddenSize, inner = config.IntermediateSize;
        if (!config.Gated)
        {
            return new Mlp(
                weights.Linear("wi", inner, hidden, bias: false), weights.Linear("wo", hidden, inner, bias: false), config.Activation);
        }

        var gateUp = LinearGroup.Apart(
            weights.Linear("wi_0", inner, hidden, bias: false), weights.Linear("wi_1", inner, hidden, bias: false));
        return new GatedMlp(gateUp, weights.Linear("wo", hidden, inner, bias: false), config.Activation);
    }
}
