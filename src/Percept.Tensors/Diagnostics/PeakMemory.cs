using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Percept.Tensors.Diagnostics;

/// <summary>The loops of the bandwidth probes. Lengths are multiples of 4096 bytes.</summary>
/// <remarks>
/// A chunk is walked once, in order, some cache lines a step, and left to the hardware prefetchers: software prefetches at
/// any distance, several streams at once and non-temporal hints were all slower or equal where they were tried (Zen 4).
/// </remarks>
internal static unsafe class PeakMemory
{
    private static ulong s_sink;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Read(byte* data, int bytes)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<ulong> a = default, b = default, c = default, d = default;
            for (byte* end = data + bytes; data != end; data += 512)
            {
                a ^= Vector512.Load((ulong*)data) ^ Vector512.Load((ulong*)(data + 256));
                b ^= Vector512.Load((ulong*)(data + 64)) ^ Vector512.Load((ulong*)(data + 320));
                c ^= Vector512.Load((ulong*)(data + 128)) ^ Vector512.Load((ulong*)(data + 384));
                d ^= Vector512.Load((ulong*)(data + 192)) ^ Vector512.Load((ulong*)(data + 448));
            }

            Keep(Vector512.Sum(a ^ b ^ c ^ d));
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Vector256<ulong> a = default, b = default, c = default, d = default;
            for (byte* end = data + bytes; data != end; data += 512)
            {
                for (int i = 0; i < 512; i += 128)
                {
                    a ^= Vector256.Load((ulong*)(data + i));
                    b ^= Vector256.Load((ulong*)(data + i + 32));
                    c ^= Vector256.Load((ulong*)(data + i + 64));
                    d ^= Vector256.Load((ulong*)(data + i + 96));
                }
            }

            Keep(Vector256.Sum(a ^ b ^ c ^ d));
        }
        else
        {
            Vector128<ulong> a = default, b = default, c = default, d = default;
            for (byte* end = data + bytes; data != end; data += 512)
            {
                for (int i = 0; i < 512; i += 64)
                {
                    a ^= Vector128.Load((ulong*)(data + i));
                    b ^= Vector128.Load((ulong*)(data + i + 16));
                    c ^= Vector128.Load((ulong*)(data + i + 32));
                    d ^= Vector128.Load((ulong*)(data + i + 48));
                }
            }

            Keep(Vector128.Sum(a ^ b ^ c ^ d));
        }
    }

    /// <summary>Every word becomes another one of the same kind: read, one operation, written back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Update(byte* data, int bytes)
    {
        byte* end = data + bytes;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<uint> flip = Vector512.Create(1u);
            for (; data != end; data += 256)
            {
                (Vector512.Load((uint*)data) ^ flip).Store((uint*)data);
                (Vector512.Load((uint*)(data + 64)) ^ flip).Store((uint*)(data + 64));
                (Vector512.Load((uint*)(data + 128)) ^ flip).Store((uint*)(data + 128));
                (Vector512.Load((uint*)(data + 192)) ^ flip).Store((uint*)(data + 192));
            }
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Vector256<uint> flip = Vector256.Create(1u);
            for (; data != end; data += 128)
            {
                (Vector256.Load((uint*)data) ^ flip).Store((uint*)data);
                (Vector256.Load((uint*)(data + 32)) ^ flip).Store((uint*)(data + 32));
                (Vector256.Load((uint*)(data + 64)) ^ flip).Store((uint*)(data + 64));
                (Vector256.Load((uint*)(data + 96)) ^ flip).Store((uint*)(data + 96));
            }
        }
        else
        {
            Vector128<uint> flip = Vector128.Create(1u);
            for (; data != end; data += 64)
            {
                (Vector128.Load((uint*)data) ^ flip).Store((uint*)data);
                (Vector128.Load((uint*)(data + 16)) ^ flip).Store((uint*)(data + 16));
                (Vector128.Load((uint*)(data + 32)) ^ flip).Store((uint*)(data + 32));
                (Vector128.Load((uint*)(data + 48)) ^ flip).Store((uint*)(data + 48));
            }
        }
    }

    /// <summary>Makes the sum observable, so that no load can be left out.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Keep(ulong value) => Volatile.Write(ref s_sink, value);
}
