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

    /// <summary>Gives what a trace kept, as far as it is wanted.</summary>
    internal static void Give(RunContext context, KeptTrace trace)
    {
        foreach (KeyValuePair<string, Tensor> seen in trace.Seen)
        {
            GiveWanted(context, seen.Key, seen.Value);
        }
    }

    /// <summary>Gives an encoder's results by the names that the reference's classes have for them.</summary>
    internal static void Give(RunContext context, in VisionOutput output)
    {
        GiveWanted(context, "last_hidden_state", output.LastHiddenState);
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
