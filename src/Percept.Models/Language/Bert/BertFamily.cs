using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>BERT (transformers: <c>bert</c>) as an encoder, with the heads that a file holds, or as a decoder.</summary>
internal static class BertFamily
{
    /// <summary>Files of the bare encoder have no <c>bert.</c> in front.</summary>
    internal static KeyMap Keys { get; } = BertLayers.Keys
        .Rename("embeddings.{*}", "bert.embeddings.{*}")
        .Rename("encoder.{*}", "bert.encoder.{*}")
        .Rename("pooler.{*}", "bert.pooler.{*}");

    internal static object Make(ConfigReader config, WeightScope weights)
    {
        // What files of the first release say of the pooler of other models.
        config.Skip("directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers",
            "pooler_size_per_head", "pooler_type");
        BertConfig read = BertConfig.Read(config, vocabulary: 30522);
        WeightScope head = weights["cls"]["predictions"];
        object made = BertModels.Make(read, weights["bert"], input => Head(read, head, input.Tokens), head.HasAny(), weights["cls"]);
        return made is ITextEncoder encoder and not IMaskedLanguageModel && weights["classifier"].Has("weight")
            ? EncoderClassifier.Make(encoder, weights)
            : made;
    }

    /// <summary>The transform, then the table of tokens with a bias that files hold under one of two names, or both.</summary>
    internal static OutputHead Head(BertConfig config, WeightScope weights, Tensor tokens) => new()
    {
        Transform = weights["transform"].Linear("dense", config.HiddenSize, config.HiddenSize),
        Activation = config.Activation,
        Norm = weights["transform"].LayerNorm("LayerNorm", config.HiddenSize, config.NormEps),
        Decoder = BertModels.Decoder(config, weights, tokens),
    };
}
