using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>The values that hold where a family's <c>config.json</c> leaves them out: those of the reference's class.</summary>
internal sealed record DecoderDefaults
{
    internal required int Vocabulary { get; init; }

    internal required int Hidden { get; init; }

    internal required int Inner { get; init; }

    internal required int Layers { get; init; }

    internal required int Heads { get; init; }

    /// <summary>null: as many as heads.</summary>
    internal int? KeyValueHeads { get; init; }

    /// <summary>null: hidden / heads.</summary>
    internal int? HeadSize { get; init; }

    /// <summary>Whether all heads share what keys and values are made of, and <c>num_key_value_heads</c> says nothing.</summary>
    internal bool SharedKeys { get; init; }

    internal required int Positions { get; init; }

    internal double Eps { get; init; } = 1e-6;

    internal double Theta { get; init; } = 10000;

    internal string Activation { get; init; } = "silu";

    internal bool Tied { get; init; }

    /// <summary>Reads what all families have.</summary>
    internal DecoderConfig Read(ConfigReader config)
    {
        int hidden = config.Int("hidden_size", Hidden), heads = config.Int("num_attention_heads", Heads);
        int headSize = config.FindInt("head_dim") ?? HeadSize ?? (heads > 0 ? hidden / heads : 0);
        int positions = config.Int("max_position_embeddings", Positions);
        DecoderConfig read = new()
        {
            HiddenSize = hidden,
            Layers = config.Int("num_hidden_layers", Layers),
            Heads = heads,
            // Written as null it means as many as there are heads; left out, the class's own number.
            KeyValueHeads = SharedKeys || config.IsNull("num_key_value_heads")
                ? heads
                : config.FindInt("num_key_value_heads") ?? KeyValueHeads ?? heads,
            HeadSize = headSize,
            IntermediateSize = config.Int("intermediate_size", Inner),
            VocabularySize = config.Int("vocab_size", Vocabulary),
            MaximumPositions = positions,
            Ropes = [RopeSettings.Read(config, headSize, Theta, positions)],
            RopeLayout = config.Flag("percept_rope_interleaved", false) ? RopeLayout.Interleaved : RopeLayout.Halves,
            RopeDivisors = config.FindNumbers("percept_rope_divisors")?.Select(divisor => (float)divisor).ToArray(),
            NormEps = (float)config.Number("rms_norm_eps", Eps),
            Activation = config.ReadActivation(Activation, "hidden_act", "hidden_activation"),
            TiedEmbeddings = config.Flag("tie_word_embeddings", Tied),
        };
        Check(read, config);
        return read;
    }

    private static void Check(DecoderConfig read, ConfigReader config)
    {
        foreach ((string name, int value) in (ReadOnlySpan<(string, int)>)[
            ("hidden_size", read.HiddenSize), ("num_attention_heads", read.Heads), ("head_dim", read.HeadSize),
            ("num_key_value_heads", read.KeyValueHeads), ("intermediate_size", read.IntermediateSize),
            ("vocab_size", read.VocabularySize), ("max_position_embeddings", read.MaximumPositions)])
        {
            if (value < 1)
            {
                throw new InvalidDataException($"'{name}' in '{config.File}' is {value}, expected 1 or more.");
            }
        }

        if (read.Heads % read.KeyValueHeads != 0)
        {
            throw new InvalidDataException(
                $"'num_attention_heads' in '{config.File}' is {read.Heads}, which 'num_key_value_heads' = {read.KeyValueHeads} " +
                "does not divide.");
        }
    }
}
