using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>
/// RoBERTa and XLM-RoBERTa (transformers: <c>roberta</c>, <c>xlm-roberta</c>): BERT whose positions come from the tokens, with
/// a head of its own.
/// </summary>
internal static class RobertaFamily
{
    internal static KeyMap Keys { get; } = BertLayers.Keys
        .Rename("embeddings.{*}", "roberta.embeddings.{*}")
        .Rename("encoder.{*}", "roberta.encoder.{*}")
        .Rename("pooler.{*}", "roberta.pooler.{*}");

    internal static object Roberta(ConfigReader config, WeightScope weights) => Make(config, weights, vocabulary: 50265);

    internal static object XlmRoberta(ConfigReader config, WeightScope weights) => Make(config, weights, vocabulary: 30522);

    private static object Make(ConfigReader config, WeightScope weights, int vocabulary)
    {
        int padding = config.Int("pad_token_id", 1);
        BertConfig read = BertConfig.Read(config, vocabulary) with { FirstRow = padding + 1, Unplaced = padding };
        WeightScope head = weights["lm_head"];
        return BertModels.Make(read, weights["roberta"], input => Head(read, head, input.Tokens), head.HasAny());
    }

    private static OutputHead Head(BertConfig config, WeightScope weights, Tensor tokens) => new()
    {
        Transform = weights.Linear("dense", config.HiddenSize, config.HiddenSize),
        Activation = Activation.Gelu,
        Norm = weights.LayerNorm("layer_norm", config.HiddenSize, config.NormEps),
        Decoder = BertModels.Decoder(config, weights, tokens),
    };
}
