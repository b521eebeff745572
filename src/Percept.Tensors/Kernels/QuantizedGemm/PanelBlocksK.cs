using System.Runtime.CompilerServices;

namespace Percept.Tensors.Kernels;

/// <summary>Steps that the blocks of 256 weights share. dword t of 32 code bytes holds weights 4·t … 4·t + 3 of some groups.</summary>
internal static unsafe class PanelBlocksK
{
    /// <summary>Writes the scales and minima of Q4_K and Q5_K: two halves, then eight 6-bit pairs in 12 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void PutScales4<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        T.Load4(rows, offset, out T factors, out T low, out T high, out T rest);
        T scale = T.LowHalf(factors);
        T minimum = T.Negate(T.LowHalf(factors >>> 16));
        for (int i = 0; i < 4; i++)
        {
            byte* first = panel + (groupBytes * i);
            T.StoreScaled(first + PanelBlocks32.Scale, (low >>> (8 * i)) & T.Splat(63), scale);
            T.StoreScaled(first + PanelBlocks32.Minimum, (high >>> (8 * i)) & T.Splat(63), minimum);

            byte* second = first + (groupBytes * 4);
            T four = rest >>> (8 * i);
            T scales = (four & T.Splat(15)) | ((low >>> ((8 * i) + 2)) & T.Splat(0x30));
            T minima = ((four >>> 4) & T.Splat(15)) | ((high >>> ((8 * i) + 2)) & T.Splat(0x30));
            T.StoreScaled(second + PanelBlocks32.Scale, scales, scale);
            T.StoreScaled(second + PanelBlocks32.Minimum, minima, minimum);
        }
    }

    /// <summary>Signed byte i of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T SignedByte<T>(T value, int i)
        where T : struct, IRowLanes<T> => (value << (24 - (8 * i))) >> 24;
}

internal readonly unsafe struct Q4_KPanel : IPanelBlock
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        PanelBlocksK.PutScales4<T>(rows, offset, panel, groupBytes);
        T mask = T.Splat(PanelBlocks32.Low4);
        for (int half = 0; half < 8; half++)
        {
            T.Load4(rows, offset + 16 + (16 * half), out T d0, out T d1, out T d2, out T d3);
            byte* lower = panel + (groupBytes * (half & ~1)) + (PanelLayout.ScaleBytes * 4 * (half & 1));
            byte* upper = lower + groupBytes;
            PanelBlocks32.Put(lower, 0, d0 & mask);
            PanelBlocks32.Put(lower, 1, d1 & mask);
            PanelBlocks32.Put(lower, 2, d2 & mask);
            PanelBlocks32.Put(lower, 3, d3 & mask);
            PanelBlocks32.Put(upper, 0, (d0 >>> 4) & mask);
            PanelBlocks32.Put(upper, 1, (d1 >>> 4) & mask);
            PanelBlocks32.Put(upper, 2, (d2 >>> 4) & mask);
            PanelBlocks32.Put(upper, 3, (d3 >>> 4) & mask);
        }
    }
}

internal readonly unsafe struct Q5_KPanel : IPanelBlock
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        PanelBlocksK.PutScales4<T>(rows, offset, panel, groupBytes);
        for (int half = 0; half < 8; half++)
        {
            int quarter = half >> 1;
            int part = half & 1;
            T.Load4(rows, offset + 48 + (16 * half), out T d0, out T d1, out T d2, out T d3);
            T.Load4(rows, offset + 16 + (16 * part), out T h0, out T h1, out T h2, out T h3);
            byte* lower = panel + (groupBytes * 2 * quarter) + (PanelLayout.ScaleBytes * 4 * part);
            byte* upper = lower + groupBytes;
            Put(lower, upper, 0, d0, h0 >>> (2 * quarter));
            Put(lower, upper, 1, d1, h1 >>> (2 * quarter));
            Put(lower, upper, 2, d2, h2 >>> (2 * quarter));
            Put(lower, upper, 3, d3, h3 >>> (2 * quarter));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(byte* lower, byte* upper, int index, T nibbles, T high)
        where T : struct, IRowLanes<T>
    {
        T mask = T.Splat(PanelBlocks32.Low4);
        T fifth = T.Splat(0x10101010);
        PanelBlocks32.Put(lower, index, (nibbles & mask) | ((high << 4) & fifth));
        PanelBlocks32.Put(upper, index, ((nibbles >>> 4) & mask) | ((high << 3) & fifth));
    }
}

internal readonly unsafe struct Q6_KPanel : IPanelBlock
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        // The factor is the block's last two bytes: the upper half of a load that ends with the block.
        T.Load4(rows, offset + 194, out _, out _, out _, out T last);
        T factor = T.LowHalf(last >>> 16);
        T.Load4(rows, offset + 192, out T s0, out T s1, out T s2, out T s3);
        PutScales(panel, groupBytes, s0, factor);
        PutScales(panel + (groupBytes * 2), groupBytes, s1, factor);
        PutScales(panel + (groupBytes * 4), groupBytes, s2, factor);
        PutScales(panel + (groupBytes * 6), groupBytes, s3, factor);
        for (int i = 0; i < 4; i++)
        {
            int half = i >> 1;
            int part = i & 1;
            T.Load4(rows, offset + (64 * half) + (16 * part), out T a0, out T a1, out T a2, out T a3);
            T.Load4(rows, offset + (64 * half) + 32 + (16 * part), out T b0, out T b1, out T b2, out T b3);
            T.Load4(rows, offset + 128 + (32 * half) + (16 * part), out T h0, out T h1, out T h2, out T h3);
            byte* at = panel + (groupBytes * 4 * half) + (PanelLayout.ScaleBytes * 4 * part);
            Put(at, groupBytes, 0, a0, b0, h0);
            Put(at, groupBytes, 1, a1, b1, h1);
            Put(at, groupBytes, 2, a2, b2, h2);
            Put(at, groupBytes, 3, a3, b3, h3);
        }
    }

    /// <summary>Scales of four half groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutScales<T>(byte* panel, nint groupBytes, T scales, T factor)
        where T : struct, IRowLanes<T>
    {
        byte* at = panel + PanelBlocks32.Scale;
        T.StoreScaled(at, PanelBlocksK.SignedByte(scales, 0), factor);
        T.StoreScaled(at + PanelLayout.ScaleBytes, PanelBlocksK.SignedByte(scales, 1), factor);
        T.StoreScaled(at + groupBytes, PanelBlocksK.SignedByte(scales, 2), factor);
        T.StoreScaled(at + groupBytes + PanelLayout.ScaleBytes, PanelBlocksK.SignedByte(scales, 3), factor);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(byte* panel, nint groupBytes, int index, T a, T b, T high)
        where T : struct, IRowLanes<T>
    {
        T mask = T.Splat(PanelBlocks32.Low4);
        T two = T.Splat(0x30303030);
        PanelBlocks32.Put(panel, index, (a & mask) | ((high << 4) & two));
        PanelBlocks32.Put(panel + groupBytes, index, (b & mask) | ((high << 2) & two));
        PanelBlocks32.Put(panel + (groupBytes * 2), index, ((a >>> 4) & mask) | (high & two));
        PanelBlocks32.Put(panel + (groupBytes * 3), index, ((b >>> 4) & mask) | ((high >>> 2) & two));
    }
}

internal readonly unsafe struct Q2_KPanel : IPanelBlock
{
    private const int MinimumOf2 = PanelLayout.QuantBytes + (2 * PanelLayout.ScaleBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        T.Load4(rows, offset + 68, out _, out _, out _, out T factors);
        T scale = T.LowHalf(factors);
        T minimum = T.Negate(T.LowHalf(factors >>> 16));
        T.Load4(rows, offset, out T s0, out T s1, out T s2, out T s3);
        PutScales(panel, groupBytes, s0, scale, minimum);
        PutScales(panel + (groupBytes * 2), groupBytes, s1, scale, minimum);
        PutScales(panel + (groupBytes * 4), groupBytes, s2, scale, minimum);
        PutScales(panel + (groupBytes * 6), groupBytes, s3, scale, minimum);
        T mask = T.Splat(0x03030303);
        for (int i = 0; i < 4; i++)
        {
            T.Load4(rows, offset + 16 + (16 * i), out T d0, out T d1, out T d2, out T d3);
            byte* at = panel + (groupBytes * 4 * (i >> 1)) + (PanelLayout.ScaleBytes * 4 * (i & 1));
            for (int j = 0; j < 4; j++)
            {
                PanelBlocks32.Put(at, 0, (d0 >>> (2 * j)) & mask);
                PanelBlocks32.Put(at, 1, (d1 >>> (2 * j)) & mask);
                PanelBlocks32.Put(at, 2, (d2 >>> (2 * j)) & mask);
                PanelBlocks32.Put(at, 3, (d3 >>> (2 * j)) & mask);
                at += groupBytes;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutScales<T>(byte* panel, nint groupBytes, T pairs, T scale, T minimum)
        where T : struct, IRowLanes<T>
    {
        T mask = T.Splat(15);
        for (int i = 0; i < 4; i++)
        {
            byte* at = panel + (groupBytes * (i >> 1)) + (PanelLayout.ScaleBytes * (i & 1));
            T pair = pairs >>> (8 * i);
            T.StoreScaled(at + PanelBlocks32.Scale, pair & mask, scale);
            T.StoreScaled(at + MinimumOf2, (pair >>> 4) & mask, minimum);
        }
    }
}

internal readonly unsafe struct Q3_KPanel : IPanelBlock
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<T>(byte** rows, nint offset, byte* panel, nint groupBytes)
        where T : struct, IRowLanes<T>
    {
        // The factor is the block's last two bytes, the 12 bytes of scales lie before it.
        T.Load4(rows, offset + 94, out _, out _, out _, out T last);
        T factor = T.LowHalf(last >>> 16);
        T.Load4(rows, offset + 92, out _, out T low, out T high, out T rest);
        T nibble = T.Splat(PanelBlocks32.Low4);
        T two = T.Splat(0x30303030);
        PutScales(panel, groupBytes, (low & nibble) | ((rest << 4) & two), factor);
        PutScales(panel + (groupBytes * 2), groupBytes, (high & nibble) | ((rest << 2) & two), factor);
        PutScales(panel + (groupBytes * 4), groupBytes, ((low >>> 4) & nibble) | (rest & two), factor);
        PutScales(panel + (groupBytes * 6), groupBytes, ((high >>> 4) & nibble) | ((rest >>> 2) & two), factor);
        for (int i = 0; i < 4; i++)
        {
            int half = i >> 1;
            int part = i & 1;
            T.Load4(rows, offset + 32 + (16 * i), out T d0, out T d1, out T d2, out T d3);
            T.Load4(rows, offset + (16 * part), out T h0, out T h1, out T h2, out T h3);
            byte* at = panel + (groupBytes * 4 * half) + (PanelLayout.ScaleBytes * 4 * part);
            for (int j = 0; j < 4; j++)
            {
                Put(at, 0, d0 >>> (2 * j), h0 >>> ((4 * half) + j));
                Put(at, 1, d1 >>> (2 * j), h1 >>> ((4 * half) + j));
                Put(at, 2, d2 >>> (2 * j), h2 >>> ((4 * half) + j));
                Put(at, 3, d3 >>> (2 * j), h3 >>> ((4 * half) + j));
                at += groupBytes;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(byte* panel, int index, T low, T high)
        where T : struct, IRowLanes<T> =>
        PanelBlocks32.Put(panel, index, (low & T.Splat(0x03030303)) | ((high & T.Splat(0x01010101)) << 2));

    /// <summary>Scales of four half groups, stored with 32 added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutScales<T>(byte* panel, nint groupBytes, T scales, T factor)
        where T : struct, IRowLanes<T>
    {
        for (int i = 0; i < 4; i++)
        {
            byte* at = panel + (groupBytes * (i >> 1)) + (PanelLayout.ScaleBytes * (i & 1));

            // (s ^ 32) − 32 of a 6-bit s is its sign extension; the stored value is s + 32, so its bit 5 is turned.
            T six = ((scales >>> (8 * i)) & T.Splat(63)) ^ T.Splat(32);
            T.StoreScaled(at + PanelBlocks32.Scale, (six << 26) >> 26, factor);
        }
    }
}
