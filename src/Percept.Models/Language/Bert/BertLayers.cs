using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>BERT's embeddings and layers by the names of its published files.</summary>
internal static class BertLayers
{
    /// <summary>Older files call a norm's weight and bias gamma and beta, and hold a buffer of positions.</summary>
    internal static KeyMap Keys { get; } = KeyMap.Identity
        .Rename("{*}LayerNorm.gamma", "{*}LayerNorm.weight")
        .Rename("{*}LayerNorm.beta", "{*}LayerNorm.bias")
        .Ignore("{*}embeddings.position_ids", "a buffer that is computed")
        .Ignore("{*}embeddings.token_type_ids", "a buffer that is computed");

    /// <summary>Takes <c>word_embeddings</c>, <c>position_embeddings</c>, <c>token_type_embeddings</c> and <c>LayerNorm</c>.</summary>
    internal static TransformerInput Input(BertConfig config, WeightScope weights) => new()
    {
        Tokens = weights["word_embeddings"].Take("weight", [config.VocabularySize, config.HiddenSize]),
        Positions = new LearnedPositions(
            weights, "position_embeddings", config.PositionRows, config.HiddenSize, config.FirstRow),
        Types = config.Types == 0 ? null : weights["token_type_embeddings"].Float("weight", [config.Types, config.HiddenSize]),
        Norm = weights.LayerNorm("LayerNorm", config.HiddenSize, config.NormEps),
    };

    /// <summary>Takes the layers <c>layer.0</c>, …</summary>
    internal static TransformerLayer[] Layers(BertConfig config, WeightScope weights)
    {
        var layers = new TransformerLayer[weights.CheckCount(config.Layers, "layers")];
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = Layer(config, weights["layer"][i], i);
        }

        return layers;
    }

    private static TransformerLayer Layer(BertConfig config, WeightScope weights, int layer)
    {
        int hidden = config.HiddenSize, inner = config.IntermediateSize;
        Norm After(WeightScope part) => part["output"].LayerNorm("LayerNorm", hidden, config.NormEps);
        WeightScope cross = weights["crossattention"];
        return new TransformerLayer(layer)
        {
            NormsFirst = false,
            Attention = new HeadAttention(Attention(config, weights["attention"], config.HiddenSize), config.Causal, layer),
            AttentionNorm = After(weights["attention"]),
            Cross = config.Cross ? new CrossAttention(Attention(config, cross, config.MemorySize ?? config.HiddenSize), layer) : null,
            CrossIsOptional = !config.Causal,
            CrossNorm = config.Cross ? After(cross) : null,
            FeedForward = new Mlp(
                weights["intermediate"].Linear("dense", inner, hidden), weights["output"].Linear("dense", hidden, inner),
                config.Activation),
            FeedForwardNorm = After(weights),
        };
    }

    private static AttentionParts Attention(BertConfig config, WeightScope weights, int memory)
    {
        int hidden = config.HiddenSize;
        WeightScope own = weights["self"];
        return new AttentionParts(
            config.Heads, own.Linear("query", hidden, hidden), own.Linear("key", hidden, memory),
            own.Linear("value", hidden, memory), weights["output"].Linear("dense", hidden, hidden));
    }
}
