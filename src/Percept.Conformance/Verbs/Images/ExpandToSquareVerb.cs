using System.Text.Json;
using Percept.Media;

namespace Percept.Conformance;

/// <summary>
/// Pictures in the middle of squares of a colour: the input <c>x</c> [C, H, W] → <c>y</c> on <c>background</c>, or the files
/// <c>images</c> → <c>pixels.0</c>, … [H, W, 3] on <c>background_color</c>.
/// </summary>
internal static class ExpandToSquareVerb
{
    internal static void Run(RunContext context)
    {
        if (context.Args.Find("images") is { } files)
        {
            byte[] color = [.. context.Args.Ints("background_color", 3, 255).Select(static v => checked((byte)v))];
            int index = 0;
            foreach (JsonElement file in files.EnumerateArray())
            {
                Image picture = ImageDecoder.Decode(context.Bytes(file.GetString()!)).Convert(PixelFormat.Rgb);
                context.Give(FormattableString.Invariant($"pixels.{index++}"), PillowModes.ToTensor(picture.ExpandToSquare(color)));
            }

            return;
        }

        Image image = PlanarImages.ToImage(context.Need("x"));
        int[] background = context.Args.Ints("background", image.Format.Channels(), 0);
        context.Give("y", PlanarImages.ToTensor(image.ExpandToSquare([.. background.Select(static v => checked((byte)v))])));
    }
}
