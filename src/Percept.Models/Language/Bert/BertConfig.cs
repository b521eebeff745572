using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>What a BERT, or one of its kin, is made of.</summary>
internal sealed record BertConfig
{
    internal required int VocabularySize { get; init; }

    internal required int HiddenSize { get; init; }

    internal required int Layers { get; init; }

    internal required int Heads { get; init; }

    internal required int IntermediateSize { get; init; }

    internal required Activation Activation { get; init; }

    /// <summary>max_position_embeddings: rows of the table.</summary>
    internal required int PositionRows { get; init; }

    /// <summary>type_vocab_size; 0 for no table of types (BLIP).</summary>
    internal required int Types { get; init; }

    internal required float NormEps { get; init; }

    /// <summary>is_decoder: tokens see no later ones.</summary>
    internal required bool Causal { get; init; }

    /// <summary>add_cross_attention: the layers look at an encoder, whose states have as many channels.</summary>
    internal required bool Cross { get; init; }

    /// <summary>Channels of the encoder's states; null for as many as the model's own.</summary>
    internal int? MemorySize { get; init; }

    /// <summary>tie_word_embeddings.</summary>
    internal required bool Tied { get; init; }

    /// <summary>The row of the first position.</summary>
    internal int FirstRow { get; init; }

    /// <summary>The token that takes no position; null for none.</summary>
    internal int? Unplaced { get; init; }

    /// <summary>Reads a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="vocabulary">vocab_size where it is left out.</param>
    /// <param name="usualHeads">num_attention_heads where it is left out.</param>
    internal static BertConfig Read(ConfigReader config, int vocabulary, int usualHeads = 12)
    {
        string positions = config.Text("position_embedding_type", "absolute");
        if (positions != "absolute")
        {
            throw config.Unsupported("position_embedding_type", positions, "absolute");
        }

        int hidden = config.Size(768, "hidden_size"), heads = config.Size(usualHeads, "num_attention_heads");
        bool causal = config.Flag("is_decoder", false), cross = config.Flag("add_cross_attention", false);
        config.RequireHeads(hidden, heads, "num_attention_heads");
        if (cross && !causal)
        {
            throw config.Unsupported("add_cross_attention", "true", "true only with 'is_decoder'");
        }

        return new BertConfig
        {
            VocabularySize = config.Size(vocabulary, "vocab_size"),
            HiddenSize = hidden,
            Layers = config.Size(12, "num_hidden_layers"),
            Heads = heads,
            IntermediateSize = config.Size(3072, "intermediate_size"),
            Activation = config.ReadActivation("gelu", "hidden_act"),
            PositionRows = config.Size(512, "max_position_embeddings"),
            Types = config.Size(2, "type_vocab_size"),
            NormEps = (float)config.Number("layer_norm_eps", 1e-12),
            Causal = causal,
            Cross = cross,
            Tied = config.Flag("tie_word_embeddings", true),
        };
    }
}
