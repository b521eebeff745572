using Percept.Media;

namespace Percept.Conformance;

/// <summary>Input <c>pixels</c> [H, W, 4] over a <c>background</c> colour → <c>pixels</c>, with or without alpha.</summary>
internal static class AlphaVerbs
{
    /// <summary>Pillow's <c>Image.alpha_composite</c> over a background [r, g, b, a].</summary>
    internal static void Composite(RunContext context)
    {
        byte[] color = Background(context, 4);
        Image image = PillowModes.ToImage(context.Need("pixels"), PixelFormat.Rgba);
        var background = new Image(image.Width, image.Height, PixelFormat.Rgba);
        for (int i = 0; i < background.Pixels.Length; i++)
        {
            background.Pixels[i] = color[i % 4];
        }

        context.Give("pixels", PillowModes.ToTensor(image.AlphaComposite(background)));
    }

    /// <summary>Pillow's <c>background.paste(image, mask=alpha)</c> on a background [r, g, b].</summary>
    internal static void Paste(RunContext context)
    {
        byte[] color = Background(context, 3);
        Image image = PillowModes.ToImage(context.Need("pixels"), PixelFormat.Rgba);
        context.Give("pixels", PillowModes.ToTensor(image.PasteOn(color)));
    }

    private static byte[] Background(RunContext context, int channels) =>
        [.. context.Args.Ints("background", channels).Select(static v => checked((byte)v))];
}
