using System.Text.Json.Nodes;

namespace Percept.Checkpoints;

/// <summary>Tells the rotary position embedding of a GGUF model as <c>config.json</c> does.</summary>
internal static class GgufRope
{
    internal static JsonObject Read(GgufModel model, int head)
    {
        GgufKeys keys = model.Keys;
        var config = new JsonObject
        {
            ["rope_theta"] = keys.FindNumber("rope.freq_base") ?? 10000,
            ["rope_scaling"] = Scaling(model),
        };
        if (keys.FindCount("rope.dimension_count") is { } turned && turned != head)
        {
            config["partial_rotary_factor"] = turned > 0 && turned < head && turned % 2 == 0
                ? (double)turned / head
                : throw new InvalidDataException(
                    $"'{model.File.Path}' has '{keys.Key("rope.dimension_count")}' = {turned}, expected an even number up to {head}. " +
                    "Convert the model again.");
        }

        if (keys.FindCount("rope.scaling.original_context_length") is > 0 and int original)
        {
            config["original_max_position_embeddings"] = original;
        }

        if (model.FindFloats("rope_freqs.weight") is { } divisors)
        {
            config["percept_rope_divisors"] = Array(model, divisors, "rope_freqs.weight");
        }

        return config;
    }

    private static JsonObject? Scaling(GgufModel model)
    {
        GgufKeys keys = model.Keys;
        if (model.FindFloats("rope_factors_long.weight") is { } longFactors)
        {
            return LongRope(model, longFactors);
        }

        double? factor = keys.FindNumber("rope.scaling.factor") ?? keys.FindNumber("rope.scale_linear");
        string kind = keys.FindText("rope.scaling.type") ?? (factor is null ? "none" : "linear");
        if (kind == "none" || factor is null or 0 or 1)
        {
            return null;
        }

        var scaling = new JsonObject { ["rope_type"] = kind, ["factor"] = factor.Value };
        if (kind == "linear")
        {
            return scaling;
        }

        if (kind != "yarn")
        {
            throw new NotSupportedException(
                $"'{model.File.Path}' scales its rotary frequencies by '{HubPath.Printable(kind)}'; known are none, linear, yarn and longrope.");
        }

        Put(scaling, "original_max_position_embeddings", keys.FindCount("rope.scaling.original_context_length"));
        Put(scaling, "beta_fast", keys.FindNumber("rope.scaling.yarn_beta_fast"));
        Put(scaling, "beta_slow", keys.FindNumber("rope.scaling.yarn_beta_slow"));
        if (keys.FindNumber("rope.scaling.attn_factor") is { } attention && attention != 1)
        {
            // There the factor comes on top of the rule's own.
            scaling["attention_factor"] = attention * (1 + (0.1 * Math.Log(factor.Value)));
        }

        return scaling;
    }

    private static JsonObject LongRope(GgufModel model, float[] longFactors)
    {
        float[] shortFactors = model.FindFloats("rope_factors_short.weight") ?? throw new InvalidDataException(
            $"'{model.File.Path}' has 'rope_factors_long.weight', but not 'rope_factors_short.weight'. Convert the model again.");
        var scaling = new JsonObject
        {
            ["rope_type"] = "longrope",
            ["short_factor"] = Array(model, shortFactors, "rope_factors_short.weight"),
            ["long_factor"] = Array(model, longFactors, "rope_factors_long.weight"),
        };
        Put(scaling, "attention_factor", model.Keys.FindNumber("rope.scaling.attn_factor"));
        return scaling;
    }

    private static void Put(JsonObject config, string name, double? value)
    {
        if (value is { } number)
        {
            config[name] = number;
        }
    }

    private static void Put(JsonObject config, string name, int? value)
    {
        if (value is { } number)
        {
            config[name] = number;
        }
    }

    private static JsonArray Array(GgufModel model, float[] values, string name) => values.All(value => float.IsFinite(value) && value > 0)
        ? [.. values.Select(value => JsonValue.Create(value))]
        : throw new InvalidDataException(
            $"Tensor '{name}' of '{model.File.Path}' has a value that is no positive number. Download it again.");
}
