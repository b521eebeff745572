using System.Text.Json;
using Percept.Media;

namespace Percept.Models;

/// <summary>The rules by which classes of video processors choose frames.</summary>
internal enum FrameRule
{
    /// <summary>Evenly from the first frame on.</summary>
    Even,

    /// <summary>Evenly, with a shift.</summary>
    Shifted,

    /// <summary>A multiple of the temporal patches, within bounds.</summary>
    Qwen2Vl,

    /// <summary>From the first to the last, within bounds.</summary>
    Qwen3Vl,

    /// <summary>At a rate, each frame once, an even number.</summary>
    Glm4v,

    /// <summary>At a rate up to a number, without the clip's ends.</summary>
    SmolVlm,
}

/// <summary>How a video processor chooses the frames of a clip: the rule of its class, with the settings of the checkpoint.</summary>
internal sealed record FrameChoice
{
    /// <summary>The rate that the reference takes for clips that do not tell theirs.</summary>
    internal const double UnknownRate = 24;

    /// <summary>The most frames that SmolVLM's published checkpoints take.</summary>
    private const int MostOfSmolVlm = 64;

    internal FrameRule Rule { get; init; }

    /// <summary>Whether frames are chosen at all; else the model gets all of them.</summary>
    internal bool Samples { get; init; }

    internal double? Rate { get; init; }

    internal int? Count { get; init; }

    private FrameBounds Bounds { get; init; } = new(4, 768);

    private int TemporalPatch { get; init; } = 2;

    private double MaxSeconds { get; init; } = 300;

    private double? Shift { get; init; }

    /// <summary>Reads the settings of a file. Frames are chosen before the call, so that its overrides change nothing here.</summary>
    internal FrameChoice Read(SettingsReader settings)
    {
        JsonElement? Find(string name) => settings.FindInFileAlone(name);
        int? Int(string name) => Find(name) is not { } value ? null
            : JsonSettings.Int(name, value) is >= 1 and var number ? number
            : throw JsonSettings.Wrong(name, value, "a whole number from 1");
        double? Positive(string name) => Find(name) is not { } value ? null
            : JsonSettings.Number(name, value) is > 0 and var number ? number
            : throw JsonSettings.Wrong(name, value, "a number above 0");
        FrameChoice read = this with
        {
            Samples = Find("do_sample_frames") is { } samples ? JsonSettings.Flag("do_sample_frames", samples) : Samples,
            Count = Int("num_frames") ?? Count,
            Rate = Positive("fps") ?? Rate,
            Bounds = new(Int("min_frames") ?? Bounds.Fewest, Int("max_frames") ?? Bounds.Most),
            TemporalPatch = Int("temporal_patch_size") ?? TemporalPatch,
            MaxSeconds = Positive("max_duration") ?? MaxSeconds,
            Shift = Find("initial_shift") is not { } shift ? Shift : shift.ValueKind switch
            {
                JsonValueKind.True => null,
                JsonValueKind.False => 0,
                _ => JsonSettings.Number("initial_shift", shift),
            },
        };
        return Rule == FrameRule.SmolVlm && Find("video_sampling") is { ValueKind: JsonValueKind.Object } sampling
            ? read with
            {
                Count = sampling.TryGetProperty("max_frames", out JsonElement most) ? JsonSettings.Int("max_frames", most) : read.Count,
                Rate = sampling.TryGetProperty("fps", out JsonElement rate) ? JsonSettings.Number("fps", rate) : read.Rate,
            }
            : read;
    }

    /// <summary>The frames of a clip.</summary>
    internal int[] Choose(ClipFrames clip)
    {
        if (!Samples || (Rate is null && Count is null))
        {
            return FrameSampling.All(clip);
        }

        return Rule switch
        {
            FrameRule.Shifted => Rate is { } rate
                ? FrameSampling.EvenShiftedAtRate(clip, rate, Shift)
                : FrameSampling.EvenShifted(clip, Count!.Value, Shift),
            FrameRule.Qwen2Vl => Rate is { } rate
                ? FrameSampling.Qwen2VlAtRate(clip, rate, Bounds, TemporalPatch)
                : FrameSampling.Qwen2Vl(clip, Count!.Value, TemporalPatch),
            FrameRule.Qwen3Vl => Count is { } count
                ? FrameSampling.Qwen3Vl(clip, count)
                : FrameSampling.Qwen3VlAtRate(clip, Rate!.Value, Bounds),
            FrameRule.Glm4v => FrameSampling.Glm4v(clip, Rate ?? Count!.Value / clip.Seconds, MaxSeconds),
            FrameRule.SmolVlm => FrameSampling.SmolVlm(clip, Count ?? MostOfSmolVlm, Rate ?? 1),
            _ => Rate is { } rate ? FrameSampling.EvenAtRate(clip, rate) : FrameSampling.Even(clip, Count!.Value),
        };
    }
}
