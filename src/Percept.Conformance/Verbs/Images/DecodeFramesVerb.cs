using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>All frames of the clip <c>image</c>: <c>frames</c> [N, H, W, C] composed, <c>duration_ms</c> [N].</summary>
internal static class DecodeFramesVerb
{
    internal static void Run(RunContext context)
    {
        PixelFormat mode = PillowModes.Parse(context.Args.Text("mode", "RGBA"));
        byte[] data = context.Bytes(context.Args.Text("image"));
        var pixels = new List<byte>();
        var durations = new List<float>();
        (int width, int height) = (0, 0);
        foreach (ImageFrame frame in ImageDecoder.DecodeFrames(data))
        {
            (width, height) = (frame.Image.Width, frame.Image.Height);
            pixels.AddRange(frame.Image.Convert(mode).Pixels);
            durations.Add((float)frame.DurationMilliseconds);
        }

        context.Give("frames", Tensor.From<byte>([.. pixels], Shape.Create([durations.Count, height, width, mode.Channels()])));
        context.Give("duration_ms", Tensor.From<float>([.. durations], Shape.Create([durations.Count])));
    }
}
