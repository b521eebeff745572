using Percept.Media;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Input <c>pixels</c> (and <c>palette</c> [n, 3 or 4]) of mode <c>from</c> → output <c>pixels</c> of mode <c>to</c>.</summary>
internal static class ConvertModeVerb
{
    internal static void Run(RunContext context)
    {
        PixelFormat from = PillowModes.Parse(context.Args.Text("from"));
        PixelFormat to = PillowModes.Parse(context.Args.Text("to"));
        ImagePalette? palette = context.Find("palette") is { } colors ? Palette(colors) : null;
        Image image = PillowModes.ToImage(context.Need("pixels"), from, palette);
        context.Give("pixels", PillowModes.ToTensor(image.Convert(to)));
    }

    private static ImagePalette Palette(Tensor colors)
    {
        int count = colors.Shape[0];
        int channels = colors.Shape[1];
        ReadOnlySpan<byte> values = colors.Span<byte>();
        byte[] rgba = new byte[count * 4];
        for (int i = 0; i < count; i++)
        {
            values.Slice(i * channels, channels).CopyTo(rgba.AsSpan(4 * i));
            rgba[(4 * i) + 3] = channels == 4 ? rgba[(4 * i) + 3] : (byte)255;
        }

        return new ImagePalette(rgba, channels == 4);
    }
}
