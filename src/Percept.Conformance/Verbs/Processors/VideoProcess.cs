using System.Text.Json;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>
/// Runs a video processor on the clips <c>video.0</c>, <c>video.1</c>, … uint8 [T, C, H, W], whose frames are chosen.
/// The settings are those of the folder <c>config</c>, or of <c>checkpoint</c>; <c>kwargs</c> hold instead.
/// </summary>
internal static class VideoProcess
{
    internal static bool Takes(RunContext context) =>
        ProcessVerb.HasInput(context, "video") && !ProcessVerb.HasText(context);

    internal static void Run(RunContext context)
    {
        JsonElement? overrides = context.Args.Find("kwargs");
        VideoProcessor processor = VideoProcessor.Load(context.PathOf(context.Args.Text("config", "checkpoint")), overrides);
        if (overrides is { } given
            && processor.UnreadSettings.FirstOrDefault(name => given.TryGetProperty(name, out _)) is { } unread)
        {
            throw new InvalidDataException($"The processor does not know the setting '{unread}' of 'kwargs'.");
        }

        var clips = new List<IReadOnlyList<Image>>();
        while (context.Find(FormattableString.Invariant($"video.{clips.Count}")) is { } clip)
        {
            clips.Add(Frames(clip));
        }

        ImageInputs inputs = processor.Process(clips);
        foreach (string name in inputs.Names)
        {
            SampledOutputs.Give(context, name, inputs[name]);
        }
    }

    private static Image[] Frames(Tensor clip)
    {
        if (clip.Rank != 4 || clip.Shape[1] != 3 || clip.DType != DType.U8)
        {
            throw new InvalidDataException($"A clip is {clip.DType} {clip.Shape}, expected uint8 [frames, 3, height, width].");
        }

        (int height, int width) = (clip.Shape[2], clip.Shape[3]);
        ReadOnlySpan<byte> samples = clip.Span<byte>();
        var frames = new Image[clip.Shape[0]];
        int plane = height * width;
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = new Image(width, height, PixelFormat.Rgb);
            Span<byte> pixels = frames[i].Pixels;
            for (int p = 0; p < plane; p++)
            {
                for (int channel = 0; channel < 3; channel++)
                {
                    pixels[(3 * p) + channel] = samples[(((3 * i) + channel) * plane) + p];
                }
            }
        }

        return frames;
    }
}
