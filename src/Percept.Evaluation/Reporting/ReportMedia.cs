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

    private static IEnumerable<ReportPicture> Of(MediaReference medium) => medium.Kind is DataPartKind.Image or DataPartKind.Video
        ? MediaPictures.Of(medium, MostFrames).Pictures.Select(picture => new ReportPicture(PngEncoder.Encode(Small(picture)), medium.Name))
        : [];

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
