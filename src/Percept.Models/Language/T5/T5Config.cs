using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>What a T5 is made of.</summary>
internal sealed record T5Config
{
    internal required int VocabularySize { get; init; }

    /// <summary>d_model.</summary>
    internal required int HiddenSize { get; init; }

    /// <summary>d_kv.</summary>
    internal required int HeadSize { get; init; }

    /// <summary>num_heads.</summary>
    internal required int Heads { get; init; }

    /// <summary>d_ff.</summary>
    internal required int IntermediateSize { get; init; }

    /// <summary>num_layers.</summary>
    internal required int EncoderLayers { get; init; }

    /// <summary>num_decoder_layers.</summary>
    internal required int DecoderLayers { get; init; }

    /// <summary>relative_attention_num_buckets.</summary>
    internal required int Buckets { get; init; }

    /// <summary>relative_attention_max_distance.</summary>
    internal required int MaximumDistance { get; init; }

    internal required float NormEps { get; init; }

    internal required Activation Activation { get; init; }

    /// <summary>Whether the feed-forward part has a gate.</summary>
    internal required bool Gated { get; init; }

    /// <summary>Factor of the decoder's states before the head.</summary>
    internal required float OutputScale { get; init; }

    /// <summary>decoder_start_token_id.</summary>
    internal required int? DecoderStart { get; init; }

    /// <summary>Reads a configuration.</summary>
    /// <param name="config">The configuration.</param>
    internal static T5Config Read(ConfigReader config)
    {
        // The length of training texts (there is no limit); what the named feed-forward part says already.
        config.Skip("n_positions", "output_past", "dropout_rate", "dense_act_fn", "is_gated_act");
        int hidden = config.Size(512, "d_model", "hidden_size"), layers = config.Size(6, "num_layers", "num_hidden_layers");
        (Activation activation, bool gated) = FeedForward(config);

        // Newer files say it; in older ones it follows from the head, even where the file has a head of its own.
        bool tied = config.Flag("tie_word_embeddings", true);
        bool scaled = config.Flag("scale_decoder_outputs", tied);
        return new T5Config
        {
            VocabularySize = config.Size(32128, "vocab_size"),
            HiddenSize = hidden,
            HeadSize = config.Size(64, "d_kv", "head_dim"),
            Heads = config.Size(8, "num_heads", "num_attention_heads"),
            IntermediateSize = config.Size(2048, "d_ff"),
            EncoderLayers = layers,
            DecoderLayers = config.Size(layers, "num_decoder_layers"),
            Buckets = config.Size(32, "relative_attention_num_buckets"),
            MaximumDistance = config.Size(128, "relative_attention_max_distance"),
            NormEps = (float)config.Number("layer_norm_epsilon", 1e-6),
            Activation = activation,
            Gated = gated,
            OutputScale = scaled ? (float)Math.Pow(hidden, -0.5) : 1f,
            DecoderStart = config.FindInt("decoder_start_token_id"),
        };
    }

    /// <summary><c>relu</c>, <c>gated-gelu</c>, …; that of gated-gelu is the tanh form.</summary>
    private static (Activation Activation, bool Gated) FeedForward(ConfigReader config)
    {
        string named = config.Text("feed_forward_proj", "relu");
        const string Gate = "gated-";
        bool gated = named.StartsWith(Gate, StringComparison.Ordinal);
        string function = named == "gated-gelu" ? "gelu_new" : gated ? named[Gate.Length..] : named;
        return (config.ActivationOf("feed_forward_proj", function), gated);
    }
}
