using System.Text.Json;
using Percept.Media;

namespace Percept.Conformance;

/// <summary>Rules of choosing frames → frame numbers.</summary>
internal static class SampleFramesVerb
{
    internal static void Run(RunContext context) =>
        context.JudgeAll("indices", context.JsonLines(context.Args.Text("cases")).Select(Judge));

    private static string? Judge(JsonElement line)
    {
        string name = $"{line.GetProperty("rule")} {line.GetProperty("total_num_frames")} {line.GetProperty("args")}";
        bool mustFail = line.TryGetProperty("error", out _);
        try
        {
            string got = string.Join(' ', Sample(line));
            if (mustFail)
            {
                return $"{name}: wanted an error, got {got}";
            }

            string wanted = string.Join(' ', line.GetProperty("indices").EnumerateArray().Select(item => item.GetInt32()));
            return got == wanted ? null : $"{name}: wanted {wanted}, got {got}";
        }
        catch (ArgumentException error)
        {
            return mustFail ? null : $"{name}: {error.Message}";
        }
    }

    private static int[] Sample(JsonElement line)
    {
        var args = new RunArgs(line.GetProperty("args"));
        var clip = new ClipFrames(line.GetProperty("total_num_frames").GetInt32(), line.GetProperty("fps").GetDouble());
        string rule = line.GetProperty("rule").GetString()!;
        int? count = args.IntOrNone("num_frames");
        double? rate = args.NumberOrNone("fps");
        FrameBounds Bounds() => new(args.Int("min_frames", 4), args.Int("max_frames", 768));
        int[] frames = rule switch
        {
            "hf_base" => count is { } n ? FrameSampling.Even(clip, n) : FrameSampling.EvenAtRate(clip, rate!.Value),
            "hf_internvl" => count is { } n
                ? FrameSampling.EvenShifted(clip, n, Shift(args))
                : FrameSampling.EvenShiftedAtRate(clip, rate!.Value, Shift(args)),
            "hf_qwen3_vl" => count is { } n
                ? FrameSampling.Qwen3Vl(clip, n)
                : FrameSampling.Qwen3VlAtRate(clip, rate!.Value, Bounds()),
            "hf_qwen2_vl" => Qwen2Vl(clip, args, count, rate, Bounds()),
            "linspace_int" => FrameSampling.EndToEnd(clip, count!.Value),
            "linspace_round" => FrameSampling.EndToEndRounded(clip, count!.Value),
            "internvl_original" => FrameSampling.InternVlSegments(clip, args.Int("num_segments")),
            "minicpm_uniform" => FrameSampling.MiniCpmV(clip, args.Int("n")),
            "hf_glm4v" => FrameSampling.Glm4v(clip, rate!.Value, args.Number("max_duration")),
            "hf_smolvlm" => FrameSampling.SmolVlm(clip, count!.Value, rate!.Value, args.Number("skip_secs", 1)),
            "qwen_vl_utils" => FrameSampling.QwenVlUtils(clip, rate!.Value, Bounds(), args.Int("frame_factor", 2)),
            "llava_video_1fps" => FrameSampling.LlavaVideo(clip, args.Int("max_frames")),
            _ => throw new InvalidDataException($"The rule '{rule}' is not understood."),
        };
        return args.Unread.Count == 0
            ? frames
            : throw new InvalidDataException($"The argument '{args.Unread.First()}' of the rule '{rule}' is not understood.");
    }

    private static int[] Qwen2Vl(ClipFrames clip, RunArgs args, int? count, double? rate, FrameBounds bounds)
    {
        int patch = args.Int("temporal_patch_size", 2);
        return count is { } n
            ? FrameSampling.Qwen2Vl(clip, n, patch)
            : FrameSampling.Qwen2VlAtRate(clip, rate!.Value, bounds, patch);
    }

    private static double? Shift(RunArgs args) => args.Find("initial_shift") is { } shift
        ? shift.ValueKind switch
        {
            JsonValueKind.True => null,
            JsonValueKind.False => 0,
            _ => shift.GetDouble(),
        }
        : null;
}
