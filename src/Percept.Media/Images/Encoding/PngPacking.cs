using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Packs the rows of a picture as PNG stores them and filters them.</summary>
internal sealed class PngPacking
{
    private const int Filters = 5;

    private readonly Image _image;
    private readonly int _depth;
    private readonly bool _filters;
    private readonly bool _chooses;
    private readonly int _distance;
    private readonly byte[][] _candidates = new byte[Filters][];
    private byte[] _current;
    private byte[] _above;

    internal PngPacking(Image image, int depth, bool chooses)
    {
        _image = image;
        _depth = depth;
        _filters = depth >= 8 && image.Format != PixelFormat.Palette;
        _chooses = chooses;
        _distance = Math.Max(1, image.Format.BytesPerPixel() * Math.Min(depth, 8) / 8);
        int bytes = depth < 8 ? ((image.Width * depth) + 7) / 8 : image.Stride;
        _current = new byte[bytes];
        _above = new byte[bytes];
        for (int i = 0; i < Filters; i++)
        {
            _candidates[i] = new byte[bytes + 1];
            _candidates[i][0] = (byte)i;
        }
    }

    /// <summary>The next row with its filter byte in front; rows are to be asked for in order.</summary>
    internal ReadOnlySpan<byte> Row(int y)
    {
        (_current, _above) = (_above, _current);
        Pack(_image.Row(y), _current);
        if (!_filters)
        {
            _current.CopyTo(_candidates[0].AsSpan(1));
            return _candidates[0];
        }

        if (!_chooses)
        {
            PngFiltering.Apply(2, _current, _above, _candidates[2].AsSpan(1), _distance);
            return _candidates[2];
        }

        int best = 0;
        long least = long.MaxValue;
        for (int filter = 0; filter < Filters; filter++)
        {
            Span<byte> candidate = _candidates[filter].AsSpan(1);
            PngFiltering.Apply(filter, _current, _above, candidate, _distance);
            long sum = PngFiltering.Magnitude(candidate);
            if (sum < least)
            {
                (best, least) = (filter, sum);
            }
        }

        return _candidates[best];
    }

    private void Pack(ReadOnlySpan<byte> row, Span<byte> target)
    {
        if (_depth == 16)
        {
            ReadOnlySpan<ushort> samples = MemoryMarshal.Cast<byte, ushort>(row);
            for (int i = 0; i < samples.Length; i++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(target[(2 * i)..], samples[i]);
            }

            return;
        }

        if (_depth == 8)
        {
            row.CopyTo(target);
            return;
        }

        target.Clear();
        int mask = (1 << _depth) - 1;
        int colors = _image.Palette?.Count ?? 2;
        for (int x = 0; x < row.Length; x++)
        {
            int value = _image.Format == PixelFormat.Bit ? row[x] >> 7 : row[x];
            if (value >= colors)
            {
                throw new ArgumentException($"The picture has palette index {value}, but only {colors} colours.");
            }

            int bit = x * _depth;
            target[bit >> 3] |= (byte)((value & mask) << (8 - _depth - (bit & 7)));
        }
    }
}
