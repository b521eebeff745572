using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Writes a model's rotary position embedding as GGUF has it.</summary>
internal static class DecoderExportRope
{
    private const string Long = "rope_factors_long.weight";
    private const string Short = "rope_factors_short.weight";

    /// <summary>Adds the settings.</summary>
    /// <exception cref="NotSupportedException">GGUF has no such rule.</exception>
    internal static void Write(
        ConfigReader config, string architecture, int head, double theta, List<KeyValuePair<string, GgufValue>> values)
    {
        void Number(string name, double value) => values.Add(new($"{architecture}.rope.{name}", GgufValue.Of((float)value)));
        void Count(string name, int value) => values.Add(new($"{architecture}.rope.{name}", GgufValue.Of((uint)value)));
        (ConfigReader? rules, ConfigReader? local) = Rules(config);
        double own = rules?.FindNumber("rope_theta") ?? config.FindNumber("rope_theta") ?? theta;
        Number("freq_base", own);
        double part = rules?.FindNumber("partial_rotary_factor") ?? config.FindNumber("partial_rotary_factor") ?? 1;
        if (architecture is "llama" or "phi3" || part != 1)
        {
            Count("dimension_count", (int)(head * part));
        }

        if (architecture == "llama" && part != 1)
        {
            throw config.Unsupported("partial_rotary_factor", Text(part), "1 in GGUF files of the architecture llama");
        }

        if (architecture == "gemma3")
        {
            double localTheta = local?.FindNumber("rope_theta") ?? config.FindNumber("rope_local_base_freq") ?? 10000;
            if (localTheta != 10000)
            {
                Number("freq_base_swa", localTheta);
            }
        }

        Scaling(config, rules, architecture, values);
    }

    /// <summary>The tensors that hold divisors of the frequencies.</summary>
    internal static List<TensorToWrite> Tensors(ConfigReader config, string architecture, int head, double theta)
    {
        ConfigReader? rules = Rules(config).Rules;
        string kind = Kind(rules);
        if (kind == "llama3" && architecture == "llama")
        {
            var scaled = new RopeFrequencies
            {
                RotaryDimension = head,
                Theta = rules!.FindNumber("rope_theta") ?? config.FindNumber("rope_theta") ?? theta,
                Factor = rules.FindNumber("factor"),
                OriginalPositions = rules.FindInt("original_max_position_embeddings"),
                LowFrequencyFactor = rules.FindNumber("low_freq_factor") ?? 1,
                HighFrequencyFactor = rules.FindNumber("high_freq_factor") ?? 4,
                MaximumPositions = config.Int("max_position_embeddings", 2048),
            };
            return [Floats("rope_freqs.weight", Llama3Rule.Divisors(scaled))];
        }

        return kind is "longrope" or "su" && architecture == "phi3"
            ?
            [
                Floats(Long, [.. (rules!.FindNumbers("long_factor") ?? []).Select(value => (float)value)]),
                Floats(Short, [.. (rules!.FindNumbers("short_factor") ?? []).Select(value => (float)value)]),
            ]
            : [];
    }

    private static void Scaling(
        ConfigReader config, ConfigReader? rules, string architecture, List<KeyValuePair<string, GgufValue>> values)
    {
        void Number(string name, double? value)
        {
            if (value is { } number)
            {
                values.Add(new($"{architecture}.rope.scaling.{name}", GgufValue.Of((float)number)));
            }
        }

        void Count(string name, int? value)
        {
            if (value is { } number)
            {
                values.Add(new($"{architecture}.rope.scaling.{name}", GgufValue.Of((uint)number)));
            }
        }

        void Type(string name) => values.Add(new($"{architecture}.rope.scaling.type", GgufValue.Of(name)));
        int? original = rules?.FindInt("original_max_position_embeddings") ?? config.FindInt("original_max_position_embeddings");
        string kind = Kind(rules);
        switch (kind)
        {
            case "default":
            case "llama3" when architecture == "llama":
                break;
            case "linear":
                Type("linear");
                Number("factor", rules!.FindNumber("factor"));
                break;
            case "yarn" when rules!.FindNumber("mscale") is null && rules.FindNumber("mscale_all_dim") is null && rules.Flag("truncate", true):
                double factor = rules.FindNumber("factor") ?? 1;
                Type("yarn");
                Number("factor", factor);
                Count("original_context_length", original);
                Number("yarn_beta_fast", rules.FindNumber("beta_fast"));
                Number("yarn_beta_slow", rules.FindNumber("beta_slow"));

                // There the factor comes on top of the rule's own.
                Number("attn_factor", rules.FindNumber("attention_factor") / (1 + (0.1 * Math.Log(factor))));
                break;
            case "longrope" or "su" when architecture == "phi3":
                LongRope(config, rules!, original, Number, Count);
                break;
            default:
                string more = architecture switch { "llama" => ", llama3", "phi3" => ", longrope", _ => "" };
                throw config.Unsupported("rope_type", kind, $"default, linear, yarn{more} in GGUF files");
        }
    }

    private static void LongRope(
        ConfigReader config, ConfigReader rules, int? original, Action<string, double?> number, Action<string, int?> count)
    {
        int first = original ?? 4096;
        double factor = rules.FindNumber("factor") ?? (double)config.Int("max_position_embeddings", 4096) / first;
        count("original_context_length", first);
        number("attn_factor", rules.FindNumber("attention_factor") ?? (factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(first)))));
    }

    /// <summary>The rules of all layers, or of those that see everything; then those of layers with a window.</summary>
    private static (ConfigReader? Rules, ConfigReader? Local) Rules(ConfigReader config)
    {
        ConfigReader? rules = config.FindSection("rope_parameters");
        return rules?.FindSection("full_attention") is { } full
            ? (full, rules.FindSection("sliding_attention"))
            : (rules ?? config.FindSection("rope_scaling"), null);
    }

    private static string Kind(ConfigReader? rules) => rules?.FindText("rope_type", "type") ?? "default";

    private static TensorToWrite Floats(string name, float[] values) =>
        new(name, DType.F32, [values.Length], () => Tensor.From(values, [values.Length]));

    private static string Text(double number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
