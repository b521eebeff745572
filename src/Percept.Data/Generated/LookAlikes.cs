using Percept.Media;

namespace Percept.Data;

/// <summary>Pictures by how they look, to find the same ones in another file, written there with a level more or less.</summary>
internal sealed class LookAlikes
{
    /// <summary>Pictures are alike from a mean difference of less than so many levels on.</summary>
    private const double MostDifference = 2;

    private const int Blocks = 4;

    private readonly List<Look> _looks = [];

    internal LookAlikes(IDataset pictures)
    {
        for (int i = 0; i < pictures.Count; i++)
        {
            if (Look.Of(pictures[i]) is { } look)
            {
                _looks.Add(look);
            }
        }
    }

    /// <summary>Whether the sample's first picture looks like one of these.</summary>
    internal bool Has(DatasetSample sample)
    {
        if (Look.Of(sample) is not { } look)
        {
            return false;
        }

        foreach (Look other in _looks)
        {
            if (look.IsLike(other))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A grey picture with the means of its blocks, whose differences are no greater in the mean than those of the pixels.</summary>
    private readonly struct Look
    {
        private readonly byte[] _pixels;
        private readonly double[] _sums;

        private Look(byte[] pixels, double[] sums) => (_pixels, _sums) = (pixels, sums);

        internal static Look? Of(DatasetSample sample)
        {
            if (sample.Media.FirstOrDefault() is not { } media)
            {
                return null;
            }

            Image grey = media.LoadImage().Convert(PixelFormat.Gray);
            byte[] pixels = new byte[grey.Width * grey.Height];
            double[] sums = new double[Blocks * Blocks];
            for (int y = 0; y < grey.Height; y++)
            {
                Span<byte> row = grey.Row(y);
                row.CopyTo(pixels.AsSpan(y * grey.Width));
                for (int x = 0; x < row.Length; x++)
                {
                    sums[(y * Blocks / grey.Height * Blocks) + (x * Blocks / row.Length)] += row[x];
                }
            }

            return new Look(pixels, sums);
        }

        internal bool IsLike(in Look other)
        {
            double most = MostDifference * _pixels.Length, difference = 0;
            for (int i = 0; i < _sums.Length && difference < most; i++)
            {
                difference += Math.Abs(_sums[i] - other._sums[i]);
            }

            if (difference >= most || other._pixels.Length != _pixels.Length)
            {
                return false;
            }

            difference = 0;
            for (int i = 0; i < _pixels.Length; i++)
            {
                difference += Math.Abs(_pixels[i] - other._pixels[i]);
            }

            return difference < most;
        }
    }
}
