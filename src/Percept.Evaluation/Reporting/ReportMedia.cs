using Percept.Data;
using Percept.Media;
using Percept.Reports;

namespace Percept.Evaluation;

/// <summary>Media as small pictures of a report.</summary>
internal static class ReportMedia
{
    private const int LongestSide = 320;
    private const int MostFrames = 4;

    /// <summary>The pictures of a sample; frames of a clip. None for what cannot be shown.</summary>
    internal static IReadOnlyList<ReportPicture> Of(IReadOnlyList<MediaReference> media) => [.. media.SelectMany(medium => Of(medium))];

    private static ReportPicture[] Of(MediaReference medium)
    {
        if (medium.Kind is not (DataPartKind.Image or DataPartKind.Video))
        {
            return [];
        }

        try
        {
            return
            [
                .. MediaPictures.Of(medium, MostFrames).Pictures
                    .Select(picture => new ReportPicture(PngEncoder.Encode(Small(picture)), medium.Name)),
            ];
        }
        catch (Exception error) when (error is IOException or InvalidDataException or NotSupportedException or UnauthorizedAccessException)
        {
            // One damaged file must not cost the report of a whole run; that its question failed is told with the row.
            return [];
        }
    }

    private static Image Small(Image picture)
    {
        int side = Math.Max(picture.Width, picture.Height);
        if (side <= LongestSide)
        {
            return picture;
        }

        Image rgb = picture.Convert(PixelFormat.Rgb);
        return rgb.Resize(
            Math.Max(1, picture.Width * LongestSide / side), Math.Max(1, picture.Height * LongestSide / side), ResampleFilter.Bilinear);
    }
}
