using System.Runtime.CompilerServices;

namespace Percept.Media;

/// <summary>
/// Decodes an arithmetic-coded scan, sequential or progressive, into the coefficients of the whole picture (ITU-T T.81,
/// F.2.4 and G.2).
/// </summary>
internal sealed unsafe class JpegArithmeticScan
{
    // Where the probabilities lie: of DC and of AC, by table.
    private const int DcStates = 64;
    private const int DcMagnitudes = 20;
    private const int AcStates = 256;
    private const int AcLowMagnitudes = 189;
    private const int AcHighMagnitudes = 217;

    /// <summary>
    /// How often blocks may be decoded from no data at all. Flat pictures need none, but no file has so many scans.
    /// </summary>
    private const int MostEmptyPasses = 32;

    private readonly JpegEntropySource _source;
    private readonly JpegArithmeticDecoder _decoder;
    private readonly JpegCoefficients _coefficients;
    private readonly JpegScan _scan;
    private readonly JpegFrame _frame;
    private readonly JpegArithmeticConditions _conditions;
    private readonly byte* _order;
    private readonly JpegArithmeticPart[] _parts;
    private readonly int _restartInterval;
    private readonly int _first;
    private readonly int _last;
    private readonly int _high;
    private readonly int _low;
    private int _untilRestart;
    private int _restarts;

    /// <summary>Makes the reader of the scan that <paramref name="reader"/> has come to.</summary>
    internal JpegArithmeticScan(
        JpegReader reader, JpegEntropySource source, JpegTables tables, JpegCoefficients coefficients)
    {
        _source = source;
        _decoder = new JpegArithmeticDecoder(source);
        _coefficients = coefficients;
        _scan = reader.Scan!;
        _frame = reader.Frame!;
        _conditions = reader.ArithmeticConditions;
        _order = tables.Order;
        _restartInterval = reader.RestartInterval;
        _untilRestart = _restartInterval;

        // A sequential scan has all coefficients, whatever it says.
        _first = _frame.Progressive ? _scan.First : 0;
        _last = _frame.Progressive ? _scan.Last : JpegZigzag.Coefficients - 1;
        _high = _frame.Progressive ? _scan.High : 0;
        _low = _frame.Progressive ? _scan.Low : 0;

        // Components that name the same table learn together.
        byte[]?[] dc = new byte[16][];
        byte[]?[] ac = new byte[16][];
        _parts = new JpegArithmeticPart[_scan.Components.Length];
        for (int i = 0; i < _parts.Length; i++)
        {
            JpegScanComponent part = _scan.Components[i];
            _parts[i] = new JpegArithmeticPart(
                part, dc[part.DcIndex] ??= new byte[DcStates], ac[part.AcIndex] ??= new byte[AcStates]);
        }

        source.Start(reader.Position);
        _decoder.Start();
    }

    /// <summary>Decodes the scan.</summary>
    /// <param name="guard">Holds it to its limits.</param>
    /// <param name="emptyMcus">Counts the MCUs of all scans that were decoded from no data.</param>
    internal void Decode(DecodeGuard guard, ref long emptyMcus)
    {
        JpegComponent only = _scan.Components[0].Component;
        bool alone = _parts.Length == 1;
        int wide = alone ? only.BlocksWide : _frame.McusWide;
        int high = alone ? only.BlocksHigh : _frame.McusHigh;
        long most = MostEmptyPasses * _frame.Components.Sum(
            component => (long)component.PaddedBlocksWide * component.PaddedBlocksHigh);
        for (int y = 0; y < high; y++)
        {
            guard.Tick();
            for (int x = 0; x < wide; x++)
            {
                BeginMcu();
                emptyMcus += _decoder.Exhausted ? 1 : 0;
                if (alone)
                {
                    DecodeBlock(_coefficients.Block(only.Index, x, y), _parts[0]);
                }
                else
                {
                    DecodeMcu(x, y);
                }
            }

            if (emptyMcus > most)
            {
                throw new MediaLimitException(
                    $"The JPEG file has scans with hardly any data for more than {MostEmptyPasses} times its " +
                    "picture; save it with fewer scans.");
            }
        }
    }

    private void DecodeMcu(int x, int y)
    {
        foreach (JpegArithmeticPart part in _parts)
        {
            JpegComponent component = part.Component;
            for (int b = 0; b < component.H * component.V; b++)
            {
                int column = (x * component.H) + (b % component.H);
                int row = (y * component.V) + (b / component.H);
                DecodeBlock(_coefficients.Block(component.Index, column, row), part);
            }
        }
    }

    private void BeginMcu()
    {
        if (_restartInterval > 0 && _untilRestart-- == 0)
        {
            _source.Restart(_restarts++ & 7);
            _decoder.Start();
            _untilRestart = _restartInterval - 1;
            foreach (JpegArithmeticPart part in _parts)
            {
                part.Reset();
            }
        }
    }

    private void DecodeBlock(short* block, JpegArithmeticPart part)
    {
        if (_first == 0)
        {
            if (_high > 0)
            {
                block[0] |= (short)(_decoder.DecideEvenly() ? 1 << _low : 0);
            }
            else
            {
                part.Predictor += DecodeDifference(part);
                block[0] = (short)(part.Predictor << _low);
            }
        }

        if (_last > 0)
        {
            if (_high > 0)
            {
                RefineAc(block, part.Ac);
            }
            else
            {
                DecodeAc(block, part);
            }
        }
    }

    /// <summary>The difference of a DC coefficient from the one before. How great it is conditions the next.</summary>
    private int DecodeDifference(JpegArithmeticPart part)
    {
        byte[] states = part.Dc;
        int at = part.Condition;
        if (!_decoder.Decide(ref states[at]))
        {
            part.Condition = 0;
            return 0;
        }

        bool negative = _decoder.Decide(ref states[at + 1]);
        at += negative ? 3 : 2;
        int magnitude = 0;
        if (_decoder.Decide(ref states[at]))
        {
            at = DcMagnitudes;
            magnitude = _decoder.Magnitude(states, ref at, 1);
        }

        part.Condition = _conditions.IsSmall(part.DcIndex, magnitude) ? 0
            : (_conditions.IsLarge(part.DcIndex, magnitude) ? 12 : 4) + (negative ? 4 : 0);
        int value = _decoder.LowerBits(states, at, magnitude);
        return negative ? -value : value;
    }

    /// <summary>The first pass of a block's AC coefficients, or the only one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DecodeAc(short* block, JpegArithmeticPart part)
    {
        byte[] states = part.Ac;
        int split = _conditions.Split(part.AcIndex);
        for (int k = Math.Max(_first, 1); k <= _last; k++)
        {
            int at = 3 * (k - 1);
            if (_decoder.Decide(ref states[at]))
            {
                break;
            }

            while (!_decoder.Decide(ref states[at + 1]))
            {
                at += 3;
                CheckRun(++k);
            }

            bool negative = _decoder.DecideEvenly();
            at += 2;
            int magnitude = 0;
            if (_decoder.Decide(ref states[at]))
            {
                magnitude = 1;
                if (_decoder.Decide(ref states[at]))
                {
                    at = k <= split ? AcLowMagnitudes : AcHighMagnitudes;
                    magnitude = _decoder.Magnitude(states, ref at, 2);
                }
            }

            int value = _decoder.LowerBits(states, at, magnitude);
            block[_order[k]] = (short)((negative ? -value : value) << _low);
        }
    }

    /// <summary>One more bit of a block's AC coefficients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RefineAc(short* block, byte[] states)
    {
        int plus = 1 << _low;
        int known = _last;
        while (known > 0 && block[_order[known]] == 0)
        {
            known--;
        }

        for (int k = _first; k <= _last; k++)
        {
            int at = 3 * (k - 1);

            // The block cannot end before the last coefficient that is known already.
            if (k > known && _decoder.Decide(ref states[at]))
            {
                break;
            }

            short* coefficient = block + _order[k];
            while (*coefficient == 0 && !_decoder.Decide(ref states[at + 1]))
            {
                at += 3;
                CheckRun(++k);
                coefficient = block + _order[k];
            }

            if (*coefficient == 0)
            {
                *coefficient = (short)(_decoder.DecideEvenly() ? -plus : plus);
            }
            else if (_decoder.Decide(ref states[at + 2]))
            {
                *coefficient += (short)(*coefficient < 0 ? -plus : plus);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckRun(int k)
    {
        if (k > _last)
        {
            throw JpegArithmeticDecoder.Damaged("a run of zeros that leaves its block");
        }
    }
}
