using System.Numerics;
using Percept.Media;

namespace Percept.Data;

/// <summary>
/// A hash of what a picture looks like: 64 signs of brightness differences of a 9×8 version (difference hash). Pictures that were
/// scaled, recompressed or slightly recoloured differ in few signs.
/// </summary>
public static class PictureHash
{
    private const int Columns = 9;
    private const int Rows = 8;

    /// <summary>The hash of a picture.</summary>
    /// <param name="picture">The picture, upright.</param>
    public static ulong Of(Image picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Image grey = picture.Convert(PixelFormat.Gray).Resize(Columns, Rows, ResampleFilter.Box);
        ulong hash = 0;
        for (int y = 0; y < Rows; y++)
        {
            ReadOnlySpan<byte> row = grey.Row(y);
            for (int x = 0; x + 1 < Columns; x++)
            {
                hash = (hash << 1) | (row[x] > row[x + 1] ? 1UL : 0);
            }
        }

        return hash;
    }

    /// <summary>In how many signs two hashes differ, 0 to 64.</summary>
    /// <param name="first">A hash.</param>
    /// <param name="second">Another.</param>
    public static int Distance(ulong first, ulong second) => BitOperations.PopCount(first ^ second);
}
