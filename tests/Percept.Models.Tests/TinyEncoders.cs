namespace Percept.Models.Tests;

/// <summary>Small text encoders, and decoders that look at an encoder.</summary>
internal static class TinyEncoders
{
    private const int Hidden = 24, Inner = 20, Vocabulary = 40;

    /// <summary>Text encoders.</summary>
    internal static IReadOnlyDictionary<string, Func<TinyCheckpoint>> Encoders { get; } =
        new SortedDictionary<string, Func<TinyCheckpoint>>
        {
            ["bert"] = () => Bert("bert", cross: false),
            ["roberta"] = () => Bert("roberta", cross: false),
            ["t5 encoder"] = () => T5(decoder: false, gated: false),
        };

    /// <summary>Decoders that look at an encoder.</summary>
    internal static IReadOnlyDictionary<string, Func<TinyCheckpoint>> CrossDecoders { get; } =
        new SortedDictionary<string, Func<TinyCheckpoint>>
        {
            ["bert"] = () => Bert("bert", cross: true).With("is_decoder", "true").With("add_cross_attention", "true"),
            ["t5"] = () => T5(decoder: true, gated: false),
            ["t5 gated"] = () => T5(decoder: true, gated: true).With("feed_forward_proj", "\"gated-gelu\"")
                .With("tie_word_embeddings", "false").Add("lm_head.weight", Vocabulary, Hidden),
            ["bart"] = Bart,
        };

    internal static TinyCheckpoint Bert(string type, bool cross)
    {
        TinyCheckpoint tiny = new TinyCheckpoint(
            """
            {"hidden_size": 24, "num_attention_heads": 4, "num_hidden_layers": 2, "intermediate_size": 20, "vocab_size": 40,
             "max_position_embeddings": 34, "type_vocab_size": 2}
            """)
            .With("model_type", $"\"{type}\"")
            .Add($"{type}.embeddings.word_embeddings.weight", Vocabulary, Hidden)
            .Add($"{type}.embeddings.position_embeddings.weight", 34, Hidden)
            .Add($"{type}.embeddings.token_type_embeddings.weight", 2, Hidden)
            .AddNorm($"{type}.embeddings.LayerNorm", Hidden, bias: true);
        for (int i = 0; i < 2; i++)
        {
            string layer = $"{type}.encoder.layer.{i}";
            AddBertAttention(tiny, $"{layer}.attention");
            if (cross)
            {
                AddBertAttention(tiny, $"{layer}.crossattention");
            }

            tiny.AddLinear($"{layer}.intermediate.dense", Inner, Hidden, bias: true)
                .AddLinear($"{layer}.output.dense", Hidden, Inner, bias: true).AddNorm($"{layer}.output.LayerNorm", Hidden, bias: true);
        }

        return type == "bert"
            ? tiny.AddLinear("cls.predictions.transform.dense", Hidden, Hidden, bias: true)
                .AddNorm("cls.predictions.transform.LayerNorm", Hidden, bias: true).Add("cls.predictions.bias", Vocabulary)
            : tiny.AddLinear("lm_head.dense", Hidden, Hidden, bias: true).AddNorm("lm_head.layer_norm", Hidden, bias: true)
                .Add("lm_head.bias", Vocabulary);
    }

    internal static TinyCheckpoint T5(bool decoder, bool gated)
    {
        TinyCheckpoint tiny = new TinyCheckpoint(
            """
            {"model_type": "t5", "d_model": 24, "num_heads": 4, "d_kv": 5, "num_layers": 2, "d_ff": 20, "vocab_size": 40,
             "relative_attention_num_buckets": 8, "relative_attention_max_distance": 12}
            """)
            .Add("shared.weight", Vocabulary, Hidden);
        AddT5Side(tiny, "encoder", cross: false, gated);
        if (decoder)
        {
            AddT5Side(tiny, "decoder", cross: true, gated);
        }

        return tiny;
    }

    internal static TinyCheckpoint Bart()
    {
        TinyCheckpoint tiny = new TinyCheckpoint(
            """
            {"model_type": "bart", "d_model": 24, "encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": 4,
             "decoder_attention_heads": 4, "encoder_ffn_dim": 20, "decoder_ffn_dim": 20, "max_position_embeddings": 32, "vocab_size": 40,
             "scale_embedding": true}
            """)
            .Add("model.shared.weight", Vocabulary, Hidden).Add("final_logits_bias", 1, Vocabulary);
        foreach (string side in (ReadOnlySpan<string>)["model.encoder", "model.decoder"])
        {
            tiny.Add($"{side}.embed_positions.weight", 34, Hidden).AddNorm($"{side}.layernorm_embedding", Hidden, bias: true);
        }

        AddFairseqLayers(tiny, "model.encoder", Inner, cross: false, layers: 1);
        AddFairseqLayers(tiny, "model.decoder", Inner, cross: true);
        return tiny;
    }

    internal static void AddFairseqLayers(TinyCheckpoint tiny, string name, int inner, bool cross, int layers = 2)
    {
        for (int i = 0; i < layers; i++)
        {
            string layer = $"{name}.layers.{i}";
            foreach (string part in cross ? (ReadOnlySpan<string>)["self_attn", "encoder_attn"] : ["self_attn"])
            {
                foreach (string linear in (ReadOnlySpan<string>)["q_proj", "k_proj", "v_proj", "out_proj"])
                {
                    tiny.AddLinear($"{layer}.{part}.{linear}", Hidden, Hidden, bias: true);
                }

                tiny.AddNorm($"{layer}.{part}_layer_norm", Hidden, bias: true);
            }

            tiny.AddLinear($"{layer}.fc1", inner, Hidden, bias: true).AddLinear($"{layer}.fc2", Hidden, inner, bias: true)
                .AddNorm($"{layer}.final_layer_norm", Hidden, bias: true);
        }
    }

    private static void AddBertAttention(TinyCheckpoint tiny, string name)
    {
        foreach (string part in (ReadOnlySpan<string>)["self.query", "self.key", "self.value", "output.dense"])
        {
            tiny.AddLinear($"{name}.{part}", Hidden, Hidden, bias: true);
        }

        tiny.AddNorm($"{name}.output.LayerNorm", Hidden, bias: true);
    }

    private static void AddT5Side(TinyCheckpoint tiny, string side, bool cross, bool gated)
    {
        for (int i = 0; i < 2; i++)
        {
            string block = $"{side}.block.{i}.layer";
            int last = cross ? 2 : 1;
            AddT5Attention(tiny, $"{block}.0.SelfAttention");
            tiny.AddNorm($"{block}.0.layer_norm", Hidden);
            if (cross)
            {
                AddT5Attention(tiny, $"{block}.1.EncDecAttention");
                tiny.AddNorm($"{block}.1.layer_norm", Hidden);
            }

            foreach (string wi in gated ? (ReadOnlySpan<string>)["wi_0", "wi_1"] : ["wi"])
            {
                tiny.AddLinear($"{block}.{last}.DenseReluDense.{wi}", Inner, Hidden);
            }

            tiny.AddLinear($"{block}.{last}.DenseReluDense.wo", Hidden, Inner).AddNorm($"{block}.{last}.layer_norm", Hidden);
        }

        tiny.Add($"{side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight", 8, 4)
            .AddNorm($"{side}.final_layer_norm", Hidden);
    }

    private static void AddT5Attention(TinyCheckpoint tiny, string name) => tiny
        .AddLinear($"{name}.q", 20, Hidden).AddLinear($"{name}.k", 20, Hidden).AddLinear($"{name}.v", 20, Hidden)
        .AddLinear($"{name}.o", Hidden, 20);
}
