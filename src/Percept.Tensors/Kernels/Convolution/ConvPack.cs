using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Kernels.Gemm;

namespace Percept.Tensors.Kernels.Convolution;

/// <summary>
/// The windows of a convolution's input as parts of a matrix [channels·taps, positions], never stored whole.
/// </summary>
/// <remarks>
/// A run is a stretch of positions in one output row. For a kernel row its elements are: shifted copies of an input row
/// (single steps), a transposition of [positions, taps] (larger steps, kernel elements side by side), or single
/// elements. Elements outside the input are 0; nothing outside it is read.
/// </remarks>
internal static unsafe class ConvPack
{
    /// <summary>
    /// Fills B panels: element (k, p) of the panel at k·Nr + p for the kernel rows and positions asked for.
    /// </summary>
    /// <param name="g">The convolution.</param>
    /// <param name="input">The group's first channel of one picture.</param>
    /// <param name="row">First kernel row.</param>
    /// <param name="rows">How many kernel rows.</param>
    /// <param name="position">First output position.</param>
    /// <param name="count">How many positions; the last panel is filled up with zeros.</param>
    /// <param name="panels">⌈count / Nr⌉ panels.</param>
    /// <param name="panelSize">Floats from one panel to the next.</param>
    [SkipLocalsInit]
    internal static void Panels(
        in ConvGeometry g, float* input, int row, int rows, long position, int count, float* panels, long panelSize)
    {
        int nr = GemmMicro.Nr;
        Run* runs = stackalloc Run[GemmMicro.MaxNr + 1];
        for (int p = 0; p < count; p += nr, panels += panelSize)
        {
            int used = Math.Min(nr, count - p);
            int n = Runs(g, position + p, used, runs);
            if (used < nr)
            {
                runs[n++] = new Run { Column = used, Length = nr - used, Z = int.MinValue / 2 };
            }

            Panel(g, input, row, rows, runs, n, panels);
        }
    }

    /// <summary>
    /// One row of the matrix: the input elements that one kernel element meets at consecutive positions.
    /// </summary>
    /// <param name="g">The convolution.</param>
    /// <param name="channel">The input channel of one picture.</param>
    /// <param name="tap">The kernel element in its channel.</param>
    /// <param name="position">First output position.</param>
    /// <param name="count">How many.</param>
    /// <param name="to">[count].</param>
    internal static void Line(in ConvGeometry g, float* channel, int tap, long position, int count, float* to)
    {
        int kw = tap % g.KW, kh = tap / g.KW % g.KH, kd = tap / g.KW / g.KH;
        int ow = (int)(position % g.OutW);
        long line = position / g.OutW;
        int oh = (int)(line % g.OutH), od = (int)(line / g.OutH);
        while (count > 0)
        {
            int length = Math.Min(count, g.OutW - ow);
            int z = (od * g.SD) - g.PD + (kd * g.DD), y = (oh * g.SH) - g.PH + (kh * g.DH);
            if ((uint)z >= (uint)g.InD || (uint)y >= (uint)g.InH)
            {
                new Span<float>(to, length).Clear();
            }
            else
            {
                Clipped(channel + ((((long)z * g.InH) + y) * g.InW), g.InW, (ow * g.SW) - g.PW + (kw * g.DW), g.SW, length, to);
            }

            to += length;
            count -= length;
            ow = 0;
            if (++oh == g.OutH)
            {
                oh = 0;
                od++;
            }
        }
    }

    /// <summary>The inverse of <see cref="Line"/>: adds the elements to the input's places.</summary>
    internal static void AddLine(in ConvGeometry g, float* channel, int tap, long position, int count, float* from)
    {
        int kw = tap % g.KW, kh = tap / g.KW % g.KH, kd = tap / g.KW / g.KH;
        int ow = (int)(position % g.OutW);
        long line = position / g.OutW;
        int oh = (int)(line % g.OutH), od = (int)(line / g.OutH);
        while (count > 0)
        {
            int length = Math.Min(count, g.OutW - ow);
            int z = (od * g.SD) - g.PD + (kd * g.DD), y = (oh * g.SH) - g.PH + (kh * g.DH);
            if ((uint)z < (uint)g.InD && (uint)y < (uint)g.InH)
            {
                int x = (ow * g.SW) - g.PW + (kw * g.DW);
                Inside(x, g.SW, g.InW, length, out int first, out int end);
                float* to = channel + ((((long)z * g.InH) + y) * g.InW) + x;
                AddSteps(from + first, end - first, to + ((long)first * g.SW), g.SW);
            }

            from += length;
            count -= length;
            ow = 0;
            if (++oh == g.OutH)
            {
                oh = 0;
                od++;
            }
        }
    }

    /// <summary>
    /// Which of <paramref name="length"/> steps from <paramref name="x"/> lie in 0 … size − 1: [first, end).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Inside(int x, int step, int size, int length, out int first, out int end)
    {
        first = x >= 0 ? 0 : Math.Min(length, (int)((-(long)x + step - 1) / step));
        long last = (long)size - 1 - x;
        end = last < 0 ? first : (int)Math.Min(length, (last / step) + 1);
        end = Math.Max(first, end);
    }

    /// <summary>Copies consecutive floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Copy(float* from, int count, float* to)
    {
        int i = 0;
        if (Avx512F.IsSupported)
        {
            for (; i + 16 <= count; i += 16)
            {
                Vector512.Load(from + i).Store(to + i);
            }
        }

        if (Vector128.IsHardwareAccelerated)
        {
            for (; i + 4 <= count; i += 4)
            {
                Vector128.Load(from + i).Store(to + i);
            }
        }

        for (; i < count; i++)
        {
            to[i] = from[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSteps(float* from, int count, float* to, int step)
    {
        int i = 0;
        if (step == 1 && Vector128.IsHardwareAccelerated)
        {
            for (; i + 8 <= count; i += 8)
            {
                (Vector256.Load(to + i) + Vector256.Load(from + i)).Store(to + i);
            }
        }

        for (to += (long)i * step; i < count; i++, to += step)
        {
            *to += from[i];
        }
    }

    /// <summary>Cuts positions into runs of one output row each.</summary>
    private static int Runs(in ConvGeometry g, long position, int count, Run* runs)
    {
        int x = (int)(position % g.OutW);
        long line = position / g.OutW;
        int y = (int)(line % g.OutH), z = (int)(line / g.OutH);
        int n = 0;
        for (int column = 0; column < count;)
        {
            int length = Math.Min(count - column, g.OutW - x);
            runs[n++] = new Run
            {
                Column = column, Length = length, Z = (z * g.SD) - g.PD, Y = (y * g.SH) - g.PH, X = (x * g.SW) - g.PW,
            };
            column += length;
            x = 0;
            if (++y == g.OutH)
            {
                y = 0;
                z++;
            }
        }

        return n;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel(in ConvGeometry g, float* input, int row, int rows, Run* runs, int n, float* to)
    {
        int nr = GemmMicro.Nr;
        int kh = row % g.KH, kd = row / g.KH % g.KD, channel = row / g.KH / g.KD;
        for (; rows > 0; rows--, to += g.KW * nr)
        {
            for (int r = 0; r < n; r++)
            {
                Run run = runs[r];
                int z = run.Z + (kd * g.DD), y = run.Y + (kh * g.DH);
                float* t = to + run.Column;
                if ((uint)z >= (uint)g.InD || (uint)y >= (uint)g.InH)
                {
                    for (int kw = 0; kw < g.KW; kw++)
                    {
                        Clear(t + (kw * nr), run.Length);
                    }

                    continue;
                }

                float* line = input + ((((((long)channel * g.InD) + z) * g.InH) + y) * g.InW);
                bool inside = run.X >= 0
                    && run.X + ((long)(run.Length - 1) * g.SW) + ((long)(g.KW - 1) * g.DW) < g.InW;
                if (!inside)
                {
                    for (int kw = 0; kw < g.KW; kw++)
                    {
                        Clipped(line, g.InW, run.X + (kw * g.DW), g.SW, run.Length, t + (kw * nr));
                    }
                }
                else if (g.SW == 1)
                {
                    float* f = line + run.X;
                    for (int kw = 0; kw < g.KW; kw++, f += g.DW, t += nr)
                    {
                        Copy(f, run.Length, t);
                    }
                }
                else if (g.DW == 1)
                {
                    GemmTranspose.Block(line + run.X, g.SW, run.Length, g.KW, t, nr);
                }
                else
                {
                    float* f = line + run.X;
                    for (int kw = 0; kw < g.KW; kw++, f += g.DW, t += nr)
                    {
                        Steps(f, g.SW, run.Length, t);
                    }
                }
            }

            if (++kh == g.KH)
            {
                kh = 0;
                if (++kd == g.KD)
                {
                    kd = 0;
                    channel++;
                }
            }
        }
    }

    /// <summary>to[i] = line[x + i·step], 0 outside the line.</summary>
    private static void Clipped(float* line, int size, int x, int step, int length, float* to)
    {
        Inside(x, step, size, length, out int first, out int end);
        Clear(to, first);
        if (step == 1)
        {
            Copy(line + x + first, end - first, to + first);
        }
        else
        {
            Steps(line + x + ((long)first * step), step, end - first, to + first);
        }

        Clear(to + end, length - end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Steps(float* from, int step, int count, float* to)
    {
        for (int i = 0; i < count; i++, from += step)
        {
            to[i] = *from;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clear(float* to, int count)
    {
        for (int i = 0; i < count; i++)
        {
            to[i] = 0;
        }
    }

    /// <summary>Positions of one output row, with the input place that kernel element 0 meets at the first.</summary>
    private struct Run
    {
        internal int Column;
        internal int Length;
        internal int Z;
        internal int Y;
        internal int X;
    }
}
