namespace Percept.Media;

/// <summary>Decodes JPEG files: baseline, extended and progressive, Huffman or arithmetic coded, of 8 bits.</summary>
/// <remarks>
/// Samples are those of libjpeg-turbo with its defaults (accurate integer DCT, triangle upsampling, smoothing of
/// unfinished progressive pictures), bit for bit. Damaged data is refused where libjpeg warns and goes on.
/// </remarks>
internal sealed class JpegDecoder : IDisposable
{
    private const int MaxScans = 1000;

    /// <summary>Below this a second thread costs more than it brings.</summary>
    private const int FewestBlocksToShare = 1024;

    private const int FewestMcusToShare = 256;

    private readonly JpegReader _reader;
    private readonly DecodeGuard _guard;
    private readonly int _threads;
    private readonly JpegEntropySource _source;
    private readonly JpegTables _tables = new();

    private JpegDecoder(ReadOnlyMemory<byte> data, DecodeGuard guard, int threads)
    {
        _guard = guard;
        _threads = threads;
        _reader = new JpegReader(data, guard);
        _source = new JpegEntropySource(data);
    }

    /// <summary>Decodes a picture.</summary>
    internal static DecodedPicture Decode(ReadOnlyMemory<byte> data, DecodeGuard guard, int threads)
    {
        using var decoder = new JpegDecoder(data, guard, threads);
        return decoder.Decode();
    }

    /// <summary>Reads the header up to the first scan.</summary>
    internal static ImageInfo Identify(ReadOnlyMemory<byte> data, DecodeGuard guard)
    {
        var reader = new JpegReader(data, guard);
        RequireScan(reader.NextScan());
        JpegFrame frame = reader.Frame!;
        return new ImageInfo(
            ImageFormat.Jpeg, frame.Width, frame.Height, Format(reader.Color()), BitsPerSample: 8, HasAlpha: false,
            Frames: 1, reader.Orientation());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        _tables.Dispose();
    }

    private static void RequireScan(bool found)
    {
        if (!found)
        {
            throw new InvalidDataException("The JPEG file ends before its first scan: there is no picture in it.");
        }
    }

    private static PixelFormat Format(JpegColor color) => color switch
    {
        JpegColor.Gray => PixelFormat.Gray,
        JpegColor.Cmyk or JpegColor.Ycck => PixelFormat.Cmyk,
        _ => PixelFormat.Rgb,
    };

    private static InvalidDataException SecondScan() =>
        new("The JPEG file has a second scan behind the one that has all of the picture.");

    private bool HasSingleScan(JpegFrame frame) =>
        !frame.Progressive && _reader.Scan!.Components.Length == frame.Components.Length;

    private DecodedPicture Decode()
    {
        RequireScan(_reader.NextScan());
        JpegFrame frame = _reader.Frame!;

        // What stands in front of the first scan counts.
        int orientation = _reader.Orientation();
        return new(HasSingleScan(frame) && !frame.Arithmetic ? DecodeSingle(frame) : DecodeScans(frame), orientation);
    }

    /// <summary>A file whose only scan has all components: never more than some rows of MCUs are in memory.</summary>
    private Image DecodeSingle(JpegFrame frame)
    {
        var scan = new JpegSequentialScan(_reader, _source, _tables);
        RequireBits(2 * scan.Blocks);
        SetQuantisation(frame);
        Image image = Image.Uninitialized(frame.Width, frame.Height, Format(_reader.Color()));
        using (var pipeline = new JpegRowPipeline(frame, _reader.Color(), image))
        {
            if (_threads > 1 && scan.Blocks >= FewestBlocksToShare)
            {
                JpegOverlap.Decode(scan, pipeline, frame, _guard);
            }
            else
            {
                for (int y = 0; y < scan.McusHigh; y++)
                {
                    _guard.Tick();
                    scan.DecodeRow(pipeline, y);
                    pipeline.Emit(y, 0, frame.Height);
                }
            }
        }

        _reader.Position = _source.Finish();
        if (_reader.NextScan())
        {
            throw SecondScan();
        }

        return image;
    }

    /// <summary>A file of several scans: coefficients of the whole picture first.</summary>
    private Image DecodeScans(JpegFrame frame)
    {
        RequireBits(FewestBits(_reader.Scan!, frame));
        using var coefficients = new JpegCoefficients(frame);
        int[][] known = [.. frame.Components.Select(_ => Enumerable.Repeat(-1, JpegZigzag.Coefficients).ToArray())];
        bool single = HasSingleScan(frame);
        long emptyMcus = 0;
        int scans = 0;
        do
        {
            if (++scans > MaxScans)
            {
                throw new MediaLimitException($"The JPEG file has more than {MaxScans} scans; save it with fewer.");
            }

            if (scans > 1 && single)
            {
                throw SecondScan();
            }

            JpegScan met = _reader.Scan!;
            if (frame.Arithmetic)
            {
                new JpegArithmeticScan(_reader, _source, _tables, coefficients).Decode(_guard, ref emptyMcus);
            }
            else if (frame.Progressive)
            {
                new JpegProgressiveScan(_reader, _source, _tables, coefficients).Decode(_guard);
            }
            else
            {
                var scan = new JpegSequentialScan(_reader, _source, _tables);
                for (int y = 0; y < scan.McusHigh; y++)
                {
                    _guard.Tick();
                    scan.DecodeRow(coefficients, y);
                }
            }

            if (frame.Progressive)
            {
                foreach (JpegScanComponent part in met.Components)
                {
                    known[part.Component.Index].AsSpan(met.First, met.Last - met.First + 1).Fill(met.Low);
                }
            }

            _reader.Position = _source.Finish();
        }
        while (_reader.NextScan());

        SetQuantisation(frame);
        return Render(frame, coefficients, frame.Progressive && JpegSmoothing.Applies(frame, known) ? known : null);
    }

    /// <summary>Coefficients to pixels, in bands for the threads.</summary>
    private Image Render(JpegFrame frame, JpegCoefficients coefficients, int[][]? smoothing)
    {
        JpegColor color = _reader.Color();
        Image image = Image.Uninitialized(frame.Width, frame.Height, Format(color));
        int bands = frame.McusWide * frame.McusHigh >= FewestMcusToShare ? Math.Min(_threads, frame.McusHigh) : 1;
        void RenderBand(int band)
        {
            int first = (int)((long)frame.McusHigh * band / bands);
            int end = (int)((long)frame.McusHigh * (band + 1) / bands);
            using var pipeline = new JpegRowPipeline(frame, color, image);

            // A band's first and last rows of pixels may need samples of the row of MCUs above and below.
            for (int y = Math.Max(0, first - 1); y < Math.Min(frame.McusHigh, end + 1); y++)
            {
                _guard.Tick();
                if (smoothing is null)
                {
                    coefficients.TransformRow(_tables, pipeline, y);
                }
                else
                {
                    JpegSmoothing.TransformRow(frame, coefficients, smoothing, _tables, pipeline, y);
                }

                if (y >= first)
                {
                    pipeline.Emit(y, first * frame.McuRows, end * frame.McuRows);
                }
            }
        }

        if (bands == 1)
        {
            RenderBand(0);
        }
        else
        {
            JpegOverlap.RunAll(bands, RenderBand);
        }

        return image;
    }

    private void SetQuantisation(JpegFrame frame)
    {
        foreach (JpegComponent component in frame.Components)
        {
            _tables.SetQuant(component);
        }
    }

    /// <summary>
    /// The fewest bits that a scan can have: one a block and symbol; none where arithmetic coding may say it all.
    /// </summary>
    private static long FewestBits(JpegScan scan, JpegFrame frame)
    {
        if (frame.Arithmetic)
        {
            return 0;
        }

        long blocks = 0;
        foreach (JpegScanComponent part in scan.Components)
        {
            blocks += (long)part.Component.BlocksWide * part.Component.BlocksHigh;
        }

        return !frame.Progressive ? 2 * blocks : scan.First == 0 ? blocks : 0;
    }

    /// <summary>Refuses a file that cannot hold its picture, before the picture's memory is taken.</summary>
    private void RequireBits(long bits)
    {
        long have = 8L * (_reader.Data.Length - _reader.Position);
        if (have < bits)
        {
            throw new InvalidDataException(
                $"The JPEG file has {have} bits behind its header, too few for its picture, which takes at " +
                $"least {bits}: it was cut, or its header is damaged.");
        }
    }
}
