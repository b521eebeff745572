using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>Reads the MCUs of a sequential scan, row by row.</summary>
internal sealed unsafe class JpegSequentialScan
{
    private readonly JpegEntropySource _source;
    private readonly JpegTables _tables;
    private readonly Unit[] _units;
    private readonly int[] _predictors;
    private readonly int _mcusWide;
    private readonly int _restartInterval;
    private int _untilRestart;
    private int _restarts;

    /// <summary>Makes the reader of the scan that <paramref name="reader"/> has come to.</summary>
    internal JpegSequentialScan(JpegReader reader, JpegEntropySource source, JpegTables tables)
    {
        JpegScan scan = reader.Scan!;
        _source = source;
        _tables = tables;
        _restartInterval = reader.RestartInterval;
        _untilRestart = _restartInterval;
        _predictors = new int[scan.Components.Length];
        bool alone = scan.Components.Length == 1;
        JpegComponent only = scan.Components[0].Component;
        _mcusWide = alone ? only.BlocksWide : reader.Frame!.McusWide;
        McusHigh = alone ? only.BlocksHigh : reader.Frame!.McusHigh;
        tables.ClearHuffman();
        var units = new List<Unit>();
        for (int i = 0; i < scan.Components.Length; i++)
        {
            JpegScanComponent part = scan.Components[i];
            JpegComponent component = part.Component;
            int across = alone ? 1 : component.H;
            int down = alone ? 1 : component.V;
            JpegHuffmanTable dc = tables.Huffman(reader.HuffmanCode(dc: true, part.DcIndex), JpegHuffmanUse.Dc);
            JpegHuffmanTable ac = tables.Huffman(reader.HuffmanCode(dc: false, part.AcIndex), JpegHuffmanUse.Ac);
            for (int b = 0; b < across * down; b++)
            {
                units.Add(new Unit(i, component.Index, dc, ac, across, down, b % across, b / across));
            }
        }

        _units = [.. units];
        source.Start(reader.Position);
    }

    /// <summary>Rows of MCUs.</summary>
    internal int McusHigh { get; }

    /// <summary>The number of blocks of the scan.</summary>
    internal long Blocks => (long)_units.Length * _mcusWide * McusHigh;

    /// <summary>The number of blocks of a row of MCUs.</summary>
    internal int BlocksPerRow => _units.Length * _mcusWide;

    /// <summary>Decodes a row of MCUs and transforms each block at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void DecodeRow(JpegRowPipeline pipeline, int mcuRow)
    {
        short* block = _tables.Block;
        Span<Target> targets = stackalloc Target[_units.Length];
        Place(pipeline, mcuRow, targets);
        for (int x = 0; x < _mcusWide; x++)
        {
            BeginMcu();
            for (int u = 0; u < targets.Length; u++)
            {
                ref Target target = ref targets[u];
                int last = DecodeBlock(_units[u], block);
                JpegIdct.Transform(block, target.Quant, target.To, target.Stride, last);
                JpegCoefficients.Clear(block);
                target.To += target.Step;
            }

            _source.Check();
        }
    }

    /// <summary>Decodes a row of MCUs into coefficients for another thread.</summary>
    /// <param name="coefficients">Takes the blocks in the order of the file, 64 numbers each.</param>
    /// <param name="lasts">Takes the zigzag position of each block's last coefficient.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void DecodeRow(short* coefficients, byte* lasts)
    {
        short* block = _tables.Block;
        for (int x = 0; x < _mcusWide; x++)
        {
            BeginMcu();
            foreach (Unit unit in _units)
            {
                *lasts++ = (byte)DecodeBlock(unit, block);
                JpegCoefficients.Move(block, coefficients);
                coefficients += JpegZigzag.Coefficients;
            }

            _source.Check();
        }
    }

    /// <summary>Transforms what <see cref="DecodeRow(short*, byte*)"/> has decoded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void TransformRow(short* coefficients, byte* lasts, JpegRowPipeline pipeline, int mcuRow)
    {
        Span<Target> targets = stackalloc Target[_units.Length];
        Place(pipeline, mcuRow, targets);
        for (int x = 0; x < _mcusWide; x++)
        {
            for (int u = 0; u < targets.Length; u++)
            {
                ref Target target = ref targets[u];
                JpegIdct.Transform(coefficients, target.Quant, target.To, target.Stride, *lasts++);
                target.To += target.Step;
                coefficients += JpegZigzag.Coefficients;
            }
        }
    }

    /// <summary>Decodes a row of MCUs into the coefficients of the whole picture.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void DecodeRow(JpegCoefficients coefficients, int mcuRow)
    {
        short* block = _tables.Block;
        for (int x = 0; x < _mcusWide; x++)
        {
            BeginMcu();
            foreach (Unit unit in _units)
            {
                DecodeBlock(unit, block);
                int column = (x * unit.Across) + unit.Column;
                int row = (mcuRow * unit.Down) + unit.Row;
                JpegCoefficients.Move(block, coefficients.Block(unit.Component, column, row));
            }

            _source.Check();
        }
    }

    private int DecodeBlock(Unit unit, short* block) => JpegBlockDecoder.Decode(
        ref _source.Bits, block, unit.Dc, unit.Ac, _tables.Order, ref _predictors[unit.Part]);

    private void BeginMcu()
    {
        if (_restartInterval > 0 && _untilRestart-- == 0)
        {
            _source.Restart(_restarts++ & 7);
            _predictors.AsSpan().Clear();
            _untilRestart = _restartInterval - 1;
        }

        _source.Prepare();
    }

    private void Place(JpegRowPipeline pipeline, int mcuRow, Span<Target> targets)
    {
        for (int u = 0; u < targets.Length; u++)
        {
            Unit unit = _units[u];
            byte* samples = pipeline.Samples(unit.Component, mcuRow, out nint stride);
            targets[u] = new Target
            {
                Quant = _tables.Quant(unit.Component),
                To = samples + (unit.Row * 8 * stride) + (unit.Column * 8),
                Stride = stride,
                Step = unit.Across * 8,
            };
        }
    }

    /// <summary>A block of an MCU.</summary>
    private sealed record Unit(
        int Part, int Component, JpegHuffmanTable Dc, JpegHuffmanTable Ac, int Across, int Down, int Column, int Row);

    /// <summary>Where the samples of a block go.</summary>
    private struct Target
    {
        internal short* Quant;
        internal byte* To;
        internal nint Stride;
        internal int Step;
    }
}
