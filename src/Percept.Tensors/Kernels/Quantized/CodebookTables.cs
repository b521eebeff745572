using System.Numerics;
using System.Runtime.InteropServices;

namespace Percept.Tensors.Kernels;

/// <summary>The value grids that the IQ formats index, expanded once per process into native memory.</summary>
/// <remarks>
/// Each grid entry is 8 (2-bit and 1-bit formats) or 4 (3-bit formats) consecutive bytes in element order. An index that a
/// block can express always lies inside its table: 8 bits for 256 entries, 9 for 512, 10 for 1024, 11 for 2048.
/// Reference: ggml-common.h and ggml-quants.c of ggml.
/// </remarks>
internal static unsafe partial class CodebookTables
{
    /// <summary>IQ2_XXS: 256 entries of 8 magnitudes.</summary>
    internal static readonly ulong* Iq2Xxs = Expand8(Iq2XxsCodes, [0x08, 0x19, 0x2b, 0]);

    /// <summary>IQ2_XS: 512 entries of 8 magnitudes.</summary>
    internal static readonly ulong* Iq2Xs = Expand8(Iq2XsCodes, [0x08, 0x19, 0x2b, 0]);

    /// <summary>IQ2_S: 1024 entries of 8 magnitudes.</summary>
    internal static readonly ulong* Iq2S = Expand8(Iq2SCodes, [0x08, 0x19, 0x2b, 0]);

    /// <summary>IQ3_XXS: 256 entries of 4 magnitudes.</summary>
    internal static readonly uint* Iq3Xxs = Expand4(Iq3XxsCodes, [4, 12, 20, 28, 36, 44, 52, 62]);

    /// <summary>IQ3_S: 512 entries of 4 magnitudes.</summary>
    internal static readonly uint* Iq3S = Expand4(Iq3SCodes, [1, 3, 5, 7, 9, 11, 13, 15]);

    /// <summary>IQ1_S and IQ1_M: 2048 entries of 8 values -8, 0 or 8: eight times the published ones.</summary>
    internal static readonly ulong* Iq1S = Expand8(Iq1SCodes, [unchecked((byte)-8), 0, 8, 0]);

    /// <summary>Byte masks of 8 sign bits: byte j of entry s is 0xFF where bit j of s is set.</summary>
    internal static readonly ulong* Signs = BuildSigns(evenParity: false);

    /// <summary>As <see cref="Signs"/> for 7 stored bits; the eighth makes the number of minus signs even.</summary>
    internal static readonly ulong* EvenSigns = BuildSigns(evenParity: true);

    private static ulong* Expand8(ReadOnlySpan<ushort> codes, ReadOnlySpan<byte> values)
    {
        var table = (ulong*)NativeMemory.AlignedAlloc((nuint)codes.Length * 8, 64);
        for (int entry = 0; entry < codes.Length; entry++)
        {
            ulong packed = 0;
            for (int j = 0; j < 8; j++)
            {
                packed |= (ulong)values[(codes[entry] >> (2 * j)) & 3] << (8 * j);
            }

            table[entry] = packed;
        }

        return table;
    }

    private static uint* Expand4(ReadOnlySpan<ushort> codes, ReadOnlySpan<byte> values)
    {
        var table = (uint*)NativeMemory.AlignedAlloc((nuint)codes.Length * 4, 64);
        for (int entry = 0; entry < codes.Length; entry++)
        {
            uint packed = 0;
            for (int j = 0; j < 4; j++)
            {
                packed |= (uint)values[(codes[entry] >> (3 * j)) & 7] << (8 * j);
            }

            table[entry] = packed;
        }

        return table;
    }

    private static ulong* BuildSigns(bool evenParity)
    {
        int entries = evenParity ? 128 : 256;
        var table = (ulong*)NativeMemory.AlignedAlloc((nuint)entries * 8, 64);
        for (int bits = 0; bits < entries; bits++)
        {
            int signs = evenParity ? bits | ((BitOperations.PopCount((uint)bits) & 1) << 7) : bits;
            ulong mask = 0;
            for (int j = 0; j < 8; j++)
            {
                mask |= ((signs >> j) & 1) != 0 ? 0xFFUL << (8 * j) : 0;
            }

            table[bits] = mask;
        }

        return table;
    }
}
