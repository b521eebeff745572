using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>What runs of vision encoders have in common.</summary>
internal static class VisionRuns
{
    /// <summary>The pictures of a run, and how to take them.</summary>
    internal static VisionInput Input(RunContext context) => new(context.Need("pixel_values"))
    {
        InterpolatePositions = context.Args.Flag("interpolate_pos_encoding", false),
        PatchMask = context.Find("pixel_attention_mask"),
        SpatialShapes = context.Find("spatial_shapes"),
        MaskedPatches = context.Find("bool_masked_pos"),
        Noise = context.Find("noise"),
    };

    /// <summary>The vision side of a model, as what is needed.</summary>
    internal static T Vision<T>(RunContext context)
        where T : class
    {
        LoadedModel loaded = context.Model();
        return (loaded.Model as DualEncoder)?.VisionModel as T ?? loaded.As<T>();
    }

    /// <summary>Gives what a trace kept, as far as it is wanted; where a mask is 0, rows are padding and are not compared.</summary>
    internal static void Give(RunContext context, KeptTrace trace, Tensor? mask = null)
    {
        foreach (KeyValuePair<string, Tensor> seen in trace.Seen)
        {
            GiveTokens(context, seen.Key, seen.Value, mask);
        }
    }

    /// <summary>Gives tokens [B, T, D], those of padding left out.</summary>
    internal static void GiveTokens(RunContext context, string name, Tensor tokens, Tensor? mask)
    {
        if (mask is not { } given || !context.Wants(name))
        {
            GiveWanted(context, name, tokens);
            return;
        }

        PaddedRows rows = PaddedRows.Of(tokens.Shape[0], tokens.Shape[1], given);
        context.GiveRows(name, rows.Pack(tokens), rows.Places);
    }

    /// <summary>Gives an encoder's results by the names that the reference's classes have for them.</summary>
    internal static void Give(RunContext context, in VisionOutput output, Tensor? mask = null)
    {
        GiveTokens(context, "last_hidden_state", output.LastHiddenState, mask);
        GiveWanted(context, "pooler_output", output.Pooled);
        GiveWanted(context, "pooled_output", output.Pooled);
        GiveWanted(context, "image_features", output.Features);
        GiveWanted(context, "image_embeds", output.Features);
    }

    internal static void GiveWanted(RunContext context, string name, Tensor? value)
    {
        if (value is { } given && context.Wants(name))
        {
            context.Give(name, given);
        }
    }
}
