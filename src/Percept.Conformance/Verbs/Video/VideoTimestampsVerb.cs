using System.Text.Json;
using Percept.Media;

namespace Percept.Conformance;

/// <summary>Frame numbers → times and how a prompt writes them.</summary>
internal static class VideoTimestampsVerb
{
    internal static void Run(RunContext context)
    {
        _ = context.Args.Choice("rule", "qwen3_vl", "qwen3_vl");
        context.JudgeAll("timestamps", context.JsonLines(context.Args.Text("cases")).Select(Judge));
    }

    private static string? Judge(JsonElement line)
    {
        int[] frames = [.. line.GetProperty("frames_indices").EnumerateArray().Select(item => item.GetInt32())];
        double[] times = FrameTimes.OfPatches(
            frames, line.GetProperty("fps").GetDouble(), line.GetProperty("temporal_patch_size").GetInt32());
        double[] wanted = [.. line.GetProperty("timestamps").EnumerateArray().Select(item => item.GetDouble())];
        string[] texts = [.. line.GetProperty("text").EnumerateArray().Select(item => item.GetString()!)];
        return !times.SequenceEqual(wanted) ? $"wanted {string.Join(' ', wanted)}, got {string.Join(' ', times)}"
            : !times.Select(FrameTimes.ToText).SequenceEqual(texts) ? $"wanted {string.Join(' ', texts)}"
            : null;
    }
}
