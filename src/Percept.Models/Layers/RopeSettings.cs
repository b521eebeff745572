using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Reads rotary position embedding out of a configuration, in the older spelling and in that of transformers 5.</summary>
public static class RopeSettings
{
    private static readonly string[] s_lists = ["short_factor", "long_factor"];

    /// <summary>Reads <c>rope_parameters</c>, or <c>rope_theta</c> with <c>rope_scaling</c>; where both are there, <c>rope_scaling</c>.</summary>
    /// <param name="config">The configuration of a decoder.</param>
    /// <param name="headSize">Channels of a head.</param>
    /// <param name="theta">The base where none is given.</param>
    /// <param name="maximumPositions">max_position_embeddings.</param>
    /// <param name="layerType">The key inside <c>rope_parameters</c> where each kind of layer has its own.</param>
    /// <param name="partial">The share of channels that turn where none is given.</param>
    /// <exception cref="NotSupportedException">The scaling rule is unknown.</exception>
    public static RopeFrequencies Read(
        ConfigReader config, int headSize, double theta, int maximumPositions, string? layerType = null, double partial = 1)
    {
        ArgumentNullException.ThrowIfNull(config);
        double ownTheta = config.FindNumber("rope_theta", "rotary_emb_base") ?? theta;
        double ownPartial = config.FindNumber("partial_rotary_factor", "rotary_pct") ?? partial;
        int? original = config.FindInt("original_max_position_embeddings");
        ConfigReader? rules = config.FindSection("rope_parameters");
        if (rules is not null && layerType is not null && rules.FindSection(layerType) is { } own)
        {
            rules = own;
        }

        // What is written in the older spelling beside the newer was put there by hand, and counts.
        ConfigReader? older = config.FindSection("rope_scaling");
        if (rules is null || (layerType is null && older?.FindText("rope_type", "type") is not null))
        {
            rules = older ?? rules;
        }

        return rules is null
            ? new RopeFrequencies
            {
                RotaryDimension = RotaryChannels(headSize, ownPartial),
                Theta = ownTheta,
                MaximumPositions = maximumPositions,
            }
            : Rules(rules, headSize, ownTheta, ownPartial, maximumPositions, original);
    }

    private static RopeFrequencies Rules(
        ConfigReader rules, int headSize, double theta, double partial, int maximumPositions, int? original)
    {
        RopeScaling scaling = Kind(rules);
        int channels = RotaryChannels(headSize, rules.FindNumber("partial_rotary_factor") ?? partial);
        foreach (string list in scaling == RopeScaling.LongRope ? s_lists : [])
        {
            int count = rules.FindNumbers(list)?.Length ?? 0;
            if (count != channels / 2)
            {
                throw rules.Unsupported(list, $"a list of {count} numbers", $"lists of {channels / 2}, one for each pair of channels that turn");
            }
        }

        return new RopeFrequencies
        {
            RotaryDimension = channels,
            Theta = rules.FindNumber("rope_theta") ?? theta,
            Scaling = scaling,
            Factor = rules.FindNumber("factor"),
            MaximumPositions = maximumPositions,

            // The dynamic rule of the reference measures against the configured maximum, whatever the original length.
            OriginalPositions = scaling == RopeScaling.Dynamic ? null : original ?? rules.FindInt("original_max_position_embeddings"),
            AttentionFactor = rules.FindNumber("attention_factor"),
            BetaFast = rules.FindNumber("beta_fast") ?? 32,
            BetaSlow = rules.FindNumber("beta_slow") ?? 1,
            MScale = rules.FindNumber("mscale"),
            MScaleAllDimensions = rules.FindNumber("mscale_all_dim"),
            Truncate = rules.Flag("truncate", true),
            LowFrequencyFactor = rules.FindNumber("low_freq_factor") ?? 1,
            HighFrequencyFactor = rules.FindNumber("high_freq_factor") ?? 4,
            ShortFactors = rules.FindNumbers("short_factor"),
            LongFactors = rules.FindNumbers("long_factor"),
        };
    }

    private static RopeScaling Kind(ConfigReader rules)
    {
        string name = rules.FindText("rope_type", "type") ?? "default";
        return name switch
        {
            "default" or "mrope" => RopeScaling.Default,
            "linear" => RopeScaling.Linear,
            "dynamic" => RopeScaling.Dynamic,
            "yarn" => RopeScaling.Yarn,
            "llama3" => RopeScaling.Llama3,
            "longrope" or "su" => RopeScaling.LongRope,
            _ => throw rules.Unsupported("rope_type", name, "default, linear, dynamic, yarn, llama3, longrope"),
        };
    }

    private static int RotaryChannels(int headSize, double partial) => (int)(headSize * partial);
}
