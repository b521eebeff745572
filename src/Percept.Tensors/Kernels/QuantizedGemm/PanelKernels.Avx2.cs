using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Tensors.Kernels;

// vpmaddubsw adds two products of an unsigned and a signed byte in 16 bits. Quants up to 15 leave room for eight such sums,
// up to 63 for two, before vpmaddwd must widen them. Quants up to 255 do not fit at all: they are brought back to signed
// numbers, whose magnitudes are multiplied by activations that carry the sign (128·127·2 fits). vpdpbusd has no such limits.

/// <summary>How products of a panel are summed in 256 bits.</summary>
internal enum PanelSteps
{
    /// <summary>Eight sums in 16 bits.</summary>
    Eight,

    /// <summary>Two sums in 16 bits.</summary>
    Two,

    /// <summary>Signed magnitudes.</summary>
    Signed,

    /// <summary>vpdpbusd.</summary>
    Vnni,
}

/// <summary>A <see cref="PanelSteps"/> that is known at compile time.</summary>
internal interface IPanelSteps
{
    /// <summary>Which.</summary>
    static abstract PanelSteps Kind { get; }
}

/// <summary>Quants up to 15.</summary>
internal readonly struct PanelStepsEight : IPanelSteps
{
    public static PanelSteps Kind => PanelSteps.Eight;
}

/// <summary>Quants up to 63.</summary>
internal readonly struct PanelStepsTwo : IPanelSteps
{
    public static PanelSteps Kind => PanelSteps.Two;
}

/// <summary>Quants up to 255.</summary>
internal readonly struct PanelStepsSigned : IPanelSteps
{
    public static PanelSteps Kind => PanelSteps.Signed;
}

/// <summary>Any quants, where the machine has AVX-VNNI.</summary>
internal readonly struct PanelStepsVnni : IPanelSteps
{
    public static PanelSteps Kind => PanelSteps.Vnni;
}

/// <summary>The panel kernel in 256-bit intrinsics: 32 columns of two rows at a time in registers.</summary>
internal static unsafe partial class PanelKernels
{
    /// <summary>Multiplies a tile by a slab of a panel with 256-bit vectors.</summary>
    internal static void RunAvx2(in PanelLayout layout, int rows, in PanelArguments arguments)
    {
        if (AvxVnni.IsSupported)
        {
            RunAvx2<PanelStepsVnni>(layout, rows, arguments);
        }
        else if (layout.MaxQuant <= 15)
        {
            RunAvx2<PanelStepsEight>(layout, rows, arguments);
        }
        else if (layout.MaxQuant <= 63)
        {
            RunAvx2<PanelStepsTwo>(layout, rows, arguments);
        }
        else
        {
            RunAvx2<PanelStepsSigned>(layout, rows, arguments);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunAvx2<TSteps>(PanelLayout layout, int rows, in PanelArguments arguments)
        where TSteps : struct, IPanelSteps
    {
        long stride = arguments.SumBytes / sizeof(float);
        if (arguments.Accumulate == 0)
        {
            for (int row = 0; row < rows; row++)
            {
                new Span<float>(arguments.Sums + (stride * row), PanelLayout.Columns).Clear();
            }
        }

        int parts = layout.Parts;
        bool minimum = layout.HasMinimum;
        int steps = 8 / parts;
        var place = new PanelPlace
        {
            Steps = steps,
            Offset = (byte)layout.Offset,
            Stride = stride,
            Minimum = minimum,
            MinimaAt = PanelLayout.Columns * parts,
        };
        for (long g = 0; g < arguments.Groups; g++)
        {
            byte* group = arguments.Rows + (g * rows * QuantizedRows.GroupBytesPerRow);
            byte* panel = arguments.Panel + (g * layout.GroupBytes);
            float* tail = (float*)(group + (PanelLayout.Group * rows));
            for (int part = 0; part < parts; part++)
            {
                place.Tail = tail;
                place.Extra = tail + (rows * (1 + part));
                int* quants = (int*)group + (part * steps);
                byte* weights = panel + (PanelLayout.ScaleBytes * steps * part);
                float* scales = (float*)(panel + PanelLayout.QuantBytes) + (PanelLayout.Columns * part);
                int row = 0;
                for (; row + 2 <= rows; row += 2)
                {
                    Two<TSteps>(place, quants + (8 * row), weights, scales, row, arguments.Sums + (stride * row));
                }

                if (row < rows)
                {
                    One<TSteps>(place, quants + (8 * row), weights, scales, row, arguments.Sums + (stride * row));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<TSteps>(
        in PanelPlace place, int* quants, byte* weights, float* scales, int row, float* sums)
        where TSteps : struct, IPanelSteps
    {
        Vector256<short> ones = Vector256.Create((short)1);
        Vector256<int> a0 = Vector256<int>.Zero, a1 = Vector256<int>.Zero, a2 = Vector256<int>.Zero, a3 = Vector256<int>.Zero;
        Vector256<int> b0 = Vector256<int>.Zero, b1 = Vector256<int>.Zero, b2 = Vector256<int>.Zero, b3 = Vector256<int>.Zero;
        int* end = quants + place.Steps;
        if (TSteps.Kind == PanelSteps.Eight)
        {
            Vector256<short> a0s = Vector256<short>.Zero, a1s = Vector256<short>.Zero, a2s = Vector256<short>.Zero, a3s = Vector256<short>.Zero;
            Vector256<short> b0s = Vector256<short>.Zero, b1s = Vector256<short>.Zero, b2s = Vector256<short>.Zero, b3s = Vector256<short>.Zero;
            for (; quants < end; quants++, weights += PanelLayout.ScaleBytes)
            {
                Vector256<sbyte> ax = Vector256.Create(quants[0]).AsSByte();
                Vector256<sbyte> bx = Vector256.Create(quants[8]).AsSByte();
                Vector256<byte> w0 = Vector256.Load(weights + 0);
                a0s += Avx2.MultiplyAddAdjacent(w0, ax);
                b0s += Avx2.MultiplyAddAdjacent(w0, bx);
                Vector256<byte> w1 = Vector256.Load(weights + 32);
                a1s += Avx2.MultiplyAddAdjacent(w1, ax);
                b1s += Avx2.MultiplyAddAdjacent(w1, bx);
                Vector256<byte> w2 = Vector256.Load(weights + 64);
                a2s += Avx2.MultiplyAddAdjacent(w2, ax);
                b2s += Avx2.MultiplyAddAdjacent(w2, bx);
                Vector256<byte> w3 = Vector256.Load(weights + 96);
                a3s += Avx2.MultiplyAddAdjacent(w3, ax);
                b3s += Avx2.MultiplyAddAdjacent(w3, bx);
            }

            a0 = Avx2.MultiplyAddAdjacent(a0s, ones);
            a1 = Avx2.MultiplyAddAdjacent(a1s, ones);
            a2 = Avx2.MultiplyAddAdjacent(a2s, ones);
            a3 = Avx2.MultiplyAddAdjacent(a3s, ones);
            b0 = Avx2.MultiplyAddAdjacent(b0s, ones);
            b1 = Avx2.MultiplyAddAdjacent(b1s, ones);
            b2 = Avx2.MultiplyAddAdjacent(b2s, ones);
            b3 = Avx2.MultiplyAddAdjacent(b3s, ones);
        }
        else if (TSteps.Kind == PanelSteps.Two)
        {
            for (; quants < end; quants += 2, weights += 2 * PanelLayout.ScaleBytes)
            {
                Vector256<sbyte> ax = Vector256.Create(quants[0]).AsSByte();
                Vector256<sbyte> ay = Vector256.Create(quants[1]).AsSByte();
                Vector256<sbyte> bx = Vector256.Create(quants[8]).AsSByte();
                Vector256<sbyte> by = Vector256.Create(quants[9]).AsSByte();
                Vector256<byte> v0 = Vector256.Load(weights + 0);
                Vector256<byte> w0 = Vector256.Load(weights + PanelLayout.ScaleBytes + 0);
                a0 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v0, ax) + Avx2.MultiplyAddAdjacent(w0, ay), ones);
                b0 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v0, bx) + Avx2.MultiplyAddAdjacent(w0, by), ones);
                Vector256<byte> v1 = Vector256.Load(weights + 32);
                Vector256<byte> w1 = Vector256.Load(weights + PanelLayout.ScaleBytes + 32);
                a1 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v1, ax) + Avx2.MultiplyAddAdjacent(w1, ay), ones);
                b1 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v1, bx) + Avx2.MultiplyAddAdjacent(w1, by), ones);
                Vector256<byte> v2 = Vector256.Load(weights + 64);
                Vector256<byte> w2 = Vector256.Load(weights + PanelLayout.ScaleBytes + 64);
                a2 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v2, ax) + Avx2.MultiplyAddAdjacent(w2, ay), ones);
                b2 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v2, bx) + Avx2.MultiplyAddAdjacent(w2, by), ones);
                Vector256<byte> v3 = Vector256.Load(weights + 96);
                Vector256<byte> w3 = Vector256.Load(weights + PanelLayout.ScaleBytes + 96);
                a3 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v3, ax) + Avx2.MultiplyAddAdjacent(w3, ay), ones);
                b3 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v3, bx) + Avx2.MultiplyAddAdjacent(w3, by), ones);
            }
        }
        else if (TSteps.Kind == PanelSteps.Signed)
        {
            Vector256<byte> offset = Vector256.Create(place.Offset);
            for (; quants < end; quants++, weights += PanelLayout.ScaleBytes)
            {
                Vector256<sbyte> ax = Vector256.Create(quants[0]).AsSByte();
                Vector256<sbyte> bx = Vector256.Create(quants[8]).AsSByte();
                Vector256<sbyte> w0 = (Vector256.Load(weights + 0) - offset).AsSByte();
                Vector256<byte> m0 = Avx2.Abs(w0);
                a0 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m0, Avx2.Sign(ax, w0)), ones);
                b0 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m0, Avx2.Sign(bx, w0)), ones);
                Vector256<sbyte> w1 = (Vector256.Load(weights + 32) - offset).AsSByte();
                Vector256<byte> m1 = Avx2.Abs(w1);
                a1 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m1, Avx2.Sign(ax, w1)), ones);
                b1 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m1, Avx2.Sign(bx, w1)), ones);
                Vector256<sbyte> w2 = (Vector256.Load(weights + 64) - offset).AsSByte();
                Vector256<byte> m2 = Avx2.Abs(w2);
                a2 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m2, Avx2.Sign(ax, w2)), ones);
                b2 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m2, Avx2.Sign(bx, w2)), ones);
                Vector256<sbyte> w3 = (Vector256.Load(weights + 96) - offset).AsSByte();
                Vector256<byte> m3 = Avx2.Abs(w3);
                a3 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m3, Avx2.Sign(ax, w3)), ones);
                b3 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m3, Avx2.Sign(bx, w3)), ones);
            }
        }
        else
        {
            for (; quants < end; quants++, weights += PanelLayout.ScaleBytes)
            {
                Vector256<sbyte> ax = Vector256.Create(quants[0]).AsSByte();
                Vector256<sbyte> bx = Vector256.Create(quants[8]).AsSByte();
                Vector256<byte> w0 = Vector256.Load(weights + 0);
                a0 = AvxVnni.MultiplyWideningAndAdd(a0, w0, ax);
                b0 = AvxVnni.MultiplyWideningAndAdd(b0, w0, bx);
                Vector256<byte> w1 = Vector256.Load(weights + 32);
                a1 = AvxVnni.MultiplyWideningAndAdd(a1, w1, ax);
                b1 = AvxVnni.MultiplyWideningAndAdd(b1, w1, bx);
                Vector256<byte> w2 = Vector256.Load(weights + 64);
                a2 = AvxVnni.MultiplyWideningAndAdd(a2, w2, ax);
                b2 = AvxVnni.MultiplyWideningAndAdd(b2, w2, bx);
                Vector256<byte> w3 = Vector256.Load(weights + 96);
                a3 = AvxVnni.MultiplyWideningAndAdd(a3, w3, ax);
                b3 = AvxVnni.MultiplyWideningAndAdd(b3, w3, bx);
            }
        }

        Finish<TSteps>(place, scales, row, sums, a0, a1);
        Finish<TSteps>(place, scales + 16, row, sums + 16, a2, a3);
        Finish<TSteps>(place, scales, row + 1, sums + place.Stride, b0, b1);
        Finish<TSteps>(place, scales + 16, row + 1, sums + place.Stride + 16, b2, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<TSteps>(
        in PanelPlace place, int* quants, byte* weights, float* scales, int row, float* sums)
        where TSteps : struct, IPanelSteps
    {
        Vector256<short> ones = Vector256.Create((short)1);
        Vector256<int> a0 = Vector256<int>.Zero, a1 = Vector256<int>.Zero, a2 = Vector256<int>.Zero, a3 = Vector256<int>.Zero;
        int* end = quants + place.Steps;
        if (TSteps.Kind == PanelSteps.Eight)
        {
            Vector256<short> a0s = Vector256<short>.Zero, a1s = Vector256<short>.Zero, a2s = Vector256<short>.Zero, a3s = Vector256<short>.Zero;
            for (; quants < end; quants++, weights += PanelLayout.ScaleBytes)
            {
                Vector256<sbyte> ax = Vector256.Create(quants[0]).AsSByte();
                Vector256<byte> w0 = Vector256.Load(weights + 0);
                a0s += Avx2.MultiplyAddAdjacent(w0, ax);
                Vector256<byte> w1 = Vector256.Load(weights + 32);
                a1s += Avx2.MultiplyAddAdjacent(w1, ax);
                Vector256<byte> w2 = Vector256.Load(weights + 64);
                a2s += Avx2.MultiplyAddAdjacent(w2, ax);
                Vector256<byte> w3 = Vector256.Load(weights + 96);
                a3s += Avx2.MultiplyAddAdjacent(w3, ax);
            }

            a0 = Avx2.MultiplyAddAdjacent(a0s, ones);
            a1 = Avx2.MultiplyAddAdjacent(a1s, ones);
            a2 = Avx2.MultiplyAddAdjacent(a2s, ones);
            a3 = Avx2.MultiplyAddAdjacent(a3s, ones);
        }
        else if (TSteps.Kind == PanelSteps.Two)
        {
            for (; quants < end; quants += 2, weights += 2 * PanelLayout.ScaleBytes)
            {
                Vector256<sbyte> ax = Vector256.Create(quants[0]).AsSByte();
                Vector256<sbyte> ay = Vector256.Create(quants[1]).AsSByte();
                Vector256<byte> v0 = Vector256.Load(weights + 0);
                Vector256<byte> w0 = Vector256.Load(weights + PanelLayout.ScaleBytes + 0);
                a0 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v0, ax) + Avx2.MultiplyAddAdjacent(w0, ay), ones);
                Vector256<byte> v1 = Vector256.Load(weights + 32);
                Vector256<byte> w1 = Vector256.Load(weights + PanelLayout.ScaleBytes + 32);
                a1 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v1, ax) + Avx2.MultiplyAddAdjacent(w1, ay), ones);
                Vector256<byte> v2 = Vector256.Load(weights + 64);
                Vector256<byte> w2 = Vector256.Load(weights + PanelLayout.ScaleBytes + 64);
                a2 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v2, ax) + Avx2.MultiplyAddAdjacent(w2, ay), ones);
                Vector256<byte> v3 = Vector256.Load(weights + 96);
                Vector256<byte> w3 = Vector256.Load(weights + PanelLayout.ScaleBytes + 96);
                a3 += Avx2.MultiplyAddAdjacent(
                    Avx2.MultiplyAddAdjacent(v3, ax) + Avx2.MultiplyAddAdjacent(w3, ay), ones);
            }
        }
        else if (TSteps.Kind == PanelSteps.Signed)
        {
            Vector256<byte> offset = Vector256.Create(place.Offset);
            for (; quants < end; quants++, weights += PanelLayout.ScaleBytes)
            {
                Vector256<sbyte> ax = Vector256.Create(quants[0]).AsSByte();
                Vector256<sbyte> w0 = (Vector256.Load(weights + 0) - offset).AsSByte();
                Vector256<byte> m0 = Avx2.Abs(w0);
                a0 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m0, Avx2.Sign(ax, w0)), ones);
                Vector256<sbyte> w1 = (Vector256.Load(weights + 32) - offset).AsSByte();
                Vector256<byte> m1 = Avx2.Abs(w1);
                a1 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m1, Avx2.Sign(ax, w1)), ones);
                Vector256<sbyte> w2 = (Vector256.Load(weights + 64) - offset).AsSByte();
                Vector256<byte> m2 = Avx2.Abs(w2);
                a2 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m2, Avx2.Sign(ax, w2)), ones);
                Vector256<sbyte> w3 = (Vector256.Load(weights + 96) - offset).AsSByte();
                Vector256<byte> m3 = Avx2.Abs(w3);
                a3 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(m3, Avx2.Sign(ax, w3)), ones);
            }
        }
        else
        {
            for (; quants < end; quants++, weights += PanelLayout.ScaleBytes)
            {
                Vector256<sbyte> ax = Vector256.Create(quants[0]).AsSByte();
                Vector256<byte> w0 = Vector256.Load(weights + 0);
                a0 = AvxVnni.MultiplyWideningAndAdd(a0, w0, ax);
                Vector256<byte> w1 = Vector256.Load(weights + 32);
                a1 = AvxVnni.MultiplyWideningAndAdd(a1, w1, ax);
                Vector256<byte> w2 = Vector256.Load(weights + 64);
                a2 = AvxVnni.MultiplyWideningAndAdd(a2, w2, ax);
                Vector256<byte> w3 = Vector256.Load(weights + 96);
                a3 = AvxVnni.MultiplyWideningAndAdd(a3, w3, ax);
            }
        }

        Finish<TSteps>(place, scales, row, sums, a0, a1);
        Finish<TSteps>(place, scales + 16, row, sums + 16, a2, a3);
    }

    /// <summary>sums += (dot + offset's part) · scales · the row's scale, and the minima's part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TSteps>(
        in PanelPlace place, float* scales, int row, float* sums, Vector256<int> dot0, Vector256<int> dot1)
        where TSteps : struct, IPanelSteps
    {
        if (TSteps.Kind != PanelSteps.Signed && !place.Minimum)
        {
            Vector256<int> begin = Vector256.Create(((int*)place.Extra)[row]);
            dot0 += begin;
            dot1 += begin;
        }

        Vector256<float> factor = Vector256.Create(place.Tail[row]);
        Vector256<float> sum0 = Vector256.FusedMultiplyAdd(
            Vector256.ConvertToSingle(dot0), Vector256.Load(scales) * factor, Vector256.Load(sums));
        Vector256<float> sum1 = Vector256.FusedMultiplyAdd(
            Vector256.ConvertToSingle(dot1), Vector256.Load(scales + 8) * factor, Vector256.Load(sums + 8));
        if (place.Minimum)
        {
            Vector256<float> extra = Vector256.Create(place.Extra[row]);
            float* minima = scales + place.MinimaAt;
            sum0 += Vector256.Load(minima) * extra;
            sum1 += Vector256.Load(minima + 8) * extra;
        }

        sum0.Store(sums);
        sum1.Store(sums + 8);
    }

    /// <summary>What stays the same for all columns of a part of a group.</summary>
    private struct PanelPlace
    {
        internal int Steps;
        internal int MinimaAt;
        internal byte Offset;
        internal bool Minimum;
        internal long Stride;

        /// <summary>The rows' scales.</summary>
        internal float* Tail;

        /// <summary>The rows' offsets (integers) or what meets the minima (floats).</summary>
        internal float* Extra;
    }
}
