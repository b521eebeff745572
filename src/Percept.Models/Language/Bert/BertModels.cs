using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Puts together what BERT and its kin are published as.</summary>
internal static class BertModels
{
    /// <summary>Makes the model that a configuration and a file describe together.</summary>
    /// <param name="config">What it is made of.</param>
    /// <param name="model">Where <c>embeddings</c> and <c>encoder</c> stand.</param>
    /// <param name="head">Takes the head.</param>
    /// <param name="hasHead">Whether the file holds one.</param>
    /// <param name="judge">Where <c>seq_relationship</c> stands, if it does.</param>
    internal static object Make(
        BertConfig config, WeightScope model, Func<TransformerInput, OutputHead> head, bool hasHead, WeightScope? judge = null)
    {
        TransformerInput input = BertLayers.Input(config, model["embeddings"]);
        TransformerLayer[] layers = BertLayers.Layers(config, model["encoder"]);
        if (config.Causal)
        {
            var decoder = new TransformerDecoder(input, layers, head(input));
            return config.Cross ? new CrossDecoder(decoder) : decoder;
        }

        Linear? pooler = model["pooler"]["dense"].Has("weight")
            ? model["pooler"].Linear("dense", config.HiddenSize, config.HiddenSize)
            : null;
        var encoder = new TransformerEncoder(input, layers, config.HiddenSize)
        {
            Pooler = pooler, Unplaced = config.Unplaced, FirstPosition = config.FirstRow,
        };
        if (!hasHead)
        {
            return encoder;
        }

        Linear? nextSentence = judge?["seq_relationship"].Has("weight") == true
            ? judge.Value.Linear("seq_relationship", 2, config.HiddenSize)
            : null;
        return new MaskedLanguageModel(encoder, head(input), nextSentence);
    }

    /// <summary>
    /// <c>decoder.weight</c> or else the table of tokens, with a bias named <c>bias</c>, <c>decoder.bias</c>, or both.
    /// </summary>
    internal static Linear Decoder(BertConfig config, WeightScope weights, Tensor tokens)
    {
        Tensor bias = weights.Shared([config.VocabularySize], "bias", "decoder.bias");
        Linear decoder = weights.Head("decoder", tokens, config.Tied);
        return new Linear(decoder.Weight, bias.DType == DType.F32 ? bias : Ops.Cast(bias, DType.F32), decoder.Precision);
    }
}
