using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Percept.Tensors.Kernels;

/// <summary>Steps that the blocks of 32 weights share. A 4-bit code byte i holds weight i below and weight i + 16 above.</summary>
internal static unsafe class PanelBlocks32
{
    /// <summary>A vector of scales follows the quants, one of minima the scales.</summary>
    internal const int Scale = PanelLayout.QuantBytes;

    internal const int Minimum = Scale + PanelLayout.ScaleBytes;

    internal const uint Low4 = 0x0F0F0F0F;

    /// <summary>Writes dword <paramref name="index"/> of a group's quants: weights 4·index … 4·index + 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Put<T>(byte* panel, int index, T quants)
        where T : struct, IRowLanes<T> => T.Store(panel + (PanelLayout.ScaleBytes * index), quants);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void PutNibbles<T>(byte* panel, T d0, T d1, T d2, T d3)
        where T : struct, IRowLanes<T>
    {
        T mask = T.Splat(Low4);
        Put(panel, 0, d0 & mask);
        Put(panel, 1, d1 & mask);
        Put(panel, 2, d2 & mask);
        Put(panel, 3, d3 & mask);
        Put(panel, 4, (d0 >>> 4) & mask);
        Put(panel, 5, (d1 >>> 4) & mask);
        Put(panel, 6, (d2 >>> 4) & mask);
        Put(panel, 7, (d3 >>> 4) & mask);
    }

    /// <summary>Nibbles with a fifth bit each: bit i of <paramref name="high"/> belongs to weight i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void PutFiveBits<T>(byte* panel, T high, T d0, T d1, T d2, T d3)
        where T : struct, IRowLanes<T>
    {
        T mask = T.Splat(Low4);
        Put(panel, 0, (d0 & mask) | Fifth(high));
        Put(panel, 1, (d1 & mask) | Fifth(high >>> 4));
        Put(panel, 2, (d2 & mask) | Fifth(high >>> 8));
        Put(panel, 3, (d3 & mask) | Fifth(high >>> 12));
        Put(panel, 4, ((d0 >>> 4) & mask) | Fifth(high >>> 16));
        Put(panel, 5, ((d1 >>> 4) & mask) | Fifth(high >>> 20));
        Put(panel, 6, ((d2 >>> 4) & mask) | Fifth(high >>> 24));
        Put(panel, 7, ((d3 >>> 4) & mask) | Fifth(high >>> 28));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void PutLookedUp<T>(byte* panel, byte* table, T d0, T d1, T d2, T d3)
        where T : struct, IRowLanes<T>
    {
        T mask = T.Splat(Low4);
        Put(panel, 0, T.LookUp(d0 & mask, table));
        Put(panel, 1, T.LookUp(d1 & mask, table));
        Put(panel, 2, T.LookUp(d2 & mask, table));
        Put(panel, 3, T.LookUp(d3 & mask, table));
        Put(panel, 4, T.LookUp((d0 >>> 4) & mask, table));
        Put(panel, 5, T.LookUp((d1 >>> 4) & mask, table));
        Put(panel, 6, T.LookUp((d2 >>> 4) & mask, table));
        Put(panel, 7, T.LookUp((d3 >>> 4) & mask, table));
    }

    /// <summary>The four lowest bits of each lane, one to a byte, as the byte's bit 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Fifth<T>(T bits)
        where T : struct, IRowLanes<T>
    {
        T four = bits & T.Splat(15);
        T spread = (four << 4) | (four << 11) | (four << 18) | (four << 25);
        return spread & T.Splat(0x10101010);
    }
}

internal readonly unsafe struct Q4_0Panel : IPanelBlock
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        T.Load4(rows, offset, out T scale, out _, out _, out _);
        T.Store(panel + PanelBlocks32.Scale, T.LowHalf(scale));
        T.Load4(rows, offset + 2, out T d0, out T d1, out T d2, out T d3);
        PanelBlocks32.PutNibbles(panel, d0, d1, d2, d3);
    }
}

internal readonly unsafe struct Q4_1Panel : IPanelBlock
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        T.Load4(rows, offset, out T scale, out _, out _, out _);
        T.Store(panel + PanelBlocks32.Scale, T.LowHalf(scale));
        T.Store(panel + PanelBlocks32.Minimum, T.LowHalf(scale >>> 16));
        T.Load4(rows, offset + 4, out T d0, out T d1, out T d2, out T d3);
        PanelBlocks32.PutNibbles(panel, d0, d1, d2, d3);
    }
}

internal readonly unsafe struct Q5_0Panel : IPanelBlock
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        T.Load4(rows, offset, out T scale, out T next, out _, out _);
        T.Store(panel + PanelBlocks32.Scale, T.LowHalf(scale));
        T.Load4(rows, offset + 6, out T d0, out T d1, out T d2, out T d3);
        PanelBlocks32.PutFiveBits(panel, (scale >>> 16) | (next << 16), d0, d1, d2, d3);
    }
}

internal readonly unsafe struct Q5_1Panel : IPanelBlock
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        T.Load4(rows, offset, out T scale, out T high, out _, out _);
        T.Store(panel + PanelBlocks32.Scale, T.LowHalf(scale));
        T.Store(panel + PanelBlocks32.Minimum, T.LowHalf(scale >>> 16));
        T.Load4(rows, offset + 8, out T d0, out T d1, out T d2, out T d3);
        PanelBlocks32.PutFiveBits(panel, high, d0, d1, d2, d3);
    }
}

internal readonly unsafe struct Q8_0Panel : IPanelBlock
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        T.Load4(rows, offset, out T scale, out _, out _, out _);
        T.Store(panel + PanelBlocks32.Scale, T.LowHalf(scale));
        T sign = T.Splat(0x80808080);
        for (int half = 0; half < 2; half++)
        {
            T.Load4(rows, offset + 2 + (16 * half), out T d0, out T d1, out T d2, out T d3);
            PanelBlocks32.Put(panel, 4 * half, d0 ^ sign);
            PanelBlocks32.Put(panel, (4 * half) + 1, d1 ^ sign);
            PanelBlocks32.Put(panel, (4 * half) + 2, d2 ^ sign);
            PanelBlocks32.Put(panel, (4 * half) + 3, d3 ^ sign);
        }
    }
}

internal readonly unsafe struct IQ4_NLPanel : IPanelBlock
{
    /// <summary>The format's values plus 127.</summary>
    private static ReadOnlySpan<byte> Table => [0, 23, 44, 62, 78, 92, 105, 117, 128, 140, 152, 165, 180, 196, 216, 240];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        T.Load4(rows, offset, out T scale, out _, out _, out _);
        T.Store(panel + PanelBlocks32.Scale, T.LowHalf(scale));
        T.Load4(rows, offset + 2, out T d0, out T d1, out T d2, out T d3);
        byte* table = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Table));
        PanelBlocks32.PutLookedUp(panel, table, d0, d1, d2, d3);
    }
}

internal readonly unsafe struct MXFP4Panel : IPanelBlock
{
    /// <summary>The format's doubled values plus 12.</summary>
    private static ReadOnlySpan<byte> Table => [12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        for (int row = 0; row < T.Rows; row++)
        {
            *(float*)(panel + PanelBlocks32.Scale + (4 * row)) = BlockScales.HalvedE8M0(rows[row][offset]);
        }

        T.Load4(rows, offset + 1, out T d0, out T d1, out T d2, out T d3);
        byte* table = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Table));
        PanelBlocks32.PutLookedUp(panel, table, d0, d1, d2, d3);
    }
}
