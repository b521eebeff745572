using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Percept.Media;

/// <summary>Writes one picture as a JPEG file: rows of MCUs from pixels to codes, none kept.</summary>
internal sealed unsafe class JpegPictureWriter : IDisposable
{
    private readonly JpegHuffmanEncoder _codes = new();
    private readonly Image _image;
    private readonly JpegEncodeOptions _options;
    private readonly Plane[] _planes;
    private readonly PinnedBuffer _memory;
    private readonly float* _divisors;
    private readonly JpegSampleRows _rows;
    private readonly int _maxH;
    private readonly int _maxV;
    private readonly int[] _predictors = new int[3];

    internal JpegPictureWriter(Image image, JpegEncodeOptions options)
    {
        _image = image;
        _options = options;
        bool gray = image.Format == PixelFormat.Gray;
        _maxH = gray || options.Subsampling == JpegSubsampling.Full ? 1 : 2;
        _maxV = !gray && options.Subsampling == JpegSubsampling.Quarter ? 2 : 1;
        _planes = new Plane[gray ? 1 : 3];
        for (int c = 0; c < _planes.Length; c++)
        {
            int width = c == 0 ? image.Width : RoundUp(image.Width, _maxH);
            int height = c == 0 ? image.Height : RoundUp(image.Height, _maxV);
            _planes[c] = new Plane(
                c == 0 ? _maxH : 1, c == 0 ? _maxV : 1, RoundUp(width, 8), RoundUp(height, 8), Math.Min(c, 1));
        }

        _memory = new PinnedBuffer(2 * 64 * sizeof(float));
        _divisors = (float*)_memory.Pointer;
        _rows = new JpegSampleRows(image, _maxH, _maxV);
        for (int t = 0; t < 2; t++)
        {
            for (int i = 0; i < 64; i++)
            {
                _divisors[(64 * t) + i] = 8 * Quantisation(t, i);
            }
        }
    }

    private int McusWide => RoundUp(_image.Width, 8 * _maxH);

    private int McusHigh => RoundUp(_image.Height, 8 * _maxV);

    private int Tables => Math.Min(_planes.Length, 2);

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory.Dispose();
        _rows.Dispose();
    }

    /// <summary>Writes the file.</summary>
    internal byte[] Write(CancellationToken cancellationToken)
    {
        var huffman = new JpegHuffmanCode[4];
        for (int t = 0; t < 4; t++)
        {
            huffman[t] = JpegStandardTables.Code(dc: t < 2, t & 1);
        }

        if (_options.OptimizeHuffman)
        {
            _codes.Counts = [new long[256], new long[256], new long[256], new long[256]];
            WriteScan(cancellationToken);
            for (int t = 0; t < 4; t++)
            {
                // A gray picture uses no tables of colour differences.
                huffman[t] = (t & 1) < Tables ? JpegHuffmanOptimizer.Make(_codes.Counts[t]) : huffman[t];
            }

            _codes.Counts = null;
        }

        WriteHeader(huffman);
        WriteScan(cancellationToken);
        _codes.WriteSegment(0xD9);
        return _codes.Written.ToArray();
    }

    private static int RoundUp(int value, int step) => (value + step - 1) / step;

    /// <summary>A number of a quantisation table: the standard's, scaled as the Independent JPEG Group does.</summary>
    private int Quantisation(int table, int index)
    {
        int scale = _options.Quality < 50 ? 5000 / _options.Quality : 200 - (2 * _options.Quality);
        ReadOnlySpan<byte> standard =
            table == 0 ? JpegStandardTables.LumaQuantisation : JpegStandardTables.ChromaQuantisation;
        return Math.Clamp(((standard[index] * scale) + 50) / 100, 1, 255);
    }

    private void WriteHeader(JpegHuffmanCode[] huffman)
    {
        _codes.WriteSegment(0xD8);
        _codes.WriteSegment(0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
        Span<byte> quant = stackalloc byte[65];
        for (int t = 0; t < Tables; t++)
        {
            quant[0] = (byte)t;
            for (int k = 0; k < 64; k++)
            {
                quant[1 + k] = (byte)Quantisation(t, JpegZigzag.Natural[k]);
            }

            _codes.WriteSegment(0xDB, quant);
        }

        byte[] frame = new byte[6 + (3 * _planes.Length)];
        frame[0] = 8;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)_image.Height);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(3), (ushort)_image.Width);
        frame[5] = (byte)_planes.Length;
        byte[] scan = new byte[4 + (2 * _planes.Length)];
        scan[0] = (byte)_planes.Length;
        for (int c = 0; c < _planes.Length; c++)
        {
            frame[6 + (3 * c)] = (byte)(c + 1);
            frame[7 + (3 * c)] = (byte)((_planes[c].H << 4) | _planes[c].V);
            frame[8 + (3 * c)] = (byte)_planes[c].Table;
            scan[1 + (2 * c)] = (byte)(c + 1);
            scan[2 + (2 * c)] = (byte)(_planes[c].Table * 0x11);
        }

        scan[^2] = 63;
        _codes.WriteSegment(0xC0, frame);
        for (int t = 0; t < Tables; t++)
        {
            WriteHuffman(t, huffman[t], t);
            WriteHuffman(0x10 | t, huffman[2 + t], 2 + t);
        }

        if (_options.RestartInterval > 0)
        {
            _codes.WriteSegment(
                0xDD, (byte)(_options.RestartInterval >> 8), (byte)_options.RestartInterval);
        }

        _codes.WriteSegment(0xDA, scan);
    }

    private void WriteHuffman(int id, JpegHuffmanCode code, int table)
    {
        _codes.WriteSegment(0xC4, [(byte)id, .. code.Counts, .. code.Symbols]);
        _codes.SetCode(table, code);
    }

    private void WriteScan(CancellationToken cancellationToken)
    {
        _predictors.AsSpan().Clear();
        int untilRestart = _options.RestartInterval;
        int restarts = 0;
        for (int y = 0; y < McusHigh; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _rows.Fill(y);
            for (int x = 0; x < McusWide; x++)
            {
                if (_options.RestartInterval > 0 && untilRestart-- == 0)
                {
                    untilRestart = _options.RestartInterval - 1;
                    _predictors.AsSpan().Clear();
                    if (_codes.Counts is null)
                    {
                        _codes.Flush();
                        _codes.WriteSegment(0xD0 + (restarts++ & 7));
                    }
                }

                WriteMcu(x, y);
            }
        }

        _codes.Flush();
    }

    private void WriteMcu(int mcuX, int mcuY)
    {
        short* block = stackalloc short[64];
        Span<short> ordered = stackalloc short[64];
        int lastDc = 0;
        for (int c = 0; c < _planes.Length; c++)
        {
            Plane plane = _planes[c];
            byte* samples = _rows.Samples(c, out nint stride);
            for (int b = 0; b < plane.H * plane.V; b++)
            {
                int column = (mcuX * plane.H) + (b % plane.H);
                int row = (mcuY * plane.V) + (b / plane.H);
                ordered.Clear();
                ulong used = 0;
                if (column < plane.BlocksWide && row < plane.BlocksHigh)
                {
                    byte* from = samples + (b / plane.H * 8 * stride) + (column * 8);
                    JpegForwardDct.Transform(from, stride, _divisors + (64 * plane.Table), block);
                    used = Order(block, ordered);
                }
                else
                {
                    // A block that only fills the MCU up costs least when it is as flat as the one before.
                    ordered[0] = (short)lastDc;
                }

                lastDc = ordered[0];
                _codes.WriteBlock(ordered, used, plane.Table, ref _predictors[c]);
            }
        }
    }

    /// <summary>Brings a block into zigzag order; a bit for each coefficient that is not zero.</summary>
    private static ulong Order(short* block, Span<short> ordered)
    {
        ReadOnlySpan<byte> natural = JpegZigzag.Natural;
        for (int k = 0; k < natural.Length; k++)
        {
            ordered[k] = block[natural[k]];
        }

        ulong used = 0;
        for (int k = 0; k < 64; k += 16)
        {
            var zero = Vector256.Equals(Vector256.Create<short>(ordered.Slice(k, 16)), Vector256<short>.Zero);
            used |= (ulong)(ushort)~zero.ExtractMostSignificantBits() << k;
        }

        return used;
    }

    /// <summary>A component: sampling factors, blocks with samples of the picture, tables.</summary>
    private sealed record Plane(int H, int V, int BlocksWide, int BlocksHigh, int Table);
}
