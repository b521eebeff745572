using Percept.Data;
using Percept.Media;

namespace Percept.Cli;

/// <summary>A picture with the boxes that an answer names.</summary>
internal static class BoxPicture
{
    private const int Side = 400;
    private const int Thickness = 3;

    private static readonly ImageColor s_color = new(255, 0, 128);

    /// <summary>The picture, larger, with its boxes; null where the answer names none.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="answer">The answer, with boxes as <see cref="BoxText"/> writes them.</param>
    internal static Image? Draw(Image picture, string answer)
    {
        int width = Side, height = Math.Max(1, Side * picture.Height / picture.Width);
        IReadOnlyList<ImageBox> boxes = BoxText.Parse(answer, width, height);
        if (boxes.Count == 0)
        {
            return null;
        }

        Image large = picture.Convert(PixelFormat.Rgb).Resize(width, height, ResampleFilter.Bicubic);
        var drawing = new ImageDrawing(large);
        foreach (ImageBox box in boxes)
        {
            drawing.Rectangle(box, s_color, Thickness);
        }

        return large;
    }
}
