using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>The CRC-32 of PNG, zlib and Ethernet (polynomial 0x04C11DB7, bits reflected).</summary>
/// <remarks>
/// Long inputs are folded by carry-less products where the processor has them (V. Gopal and others, "Fast CRC Computation
/// for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009), the rest goes through tables, eight bytes at a time.
/// </remarks>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int FoldedBytes = 64;

    /// <summary>Table k gives what a byte does to the remainder when k further bytes follow it.</summary>
    private static readonly uint[] s_tables = MakeTables();

    /// <summary>The checksum of some bytes.</summary>
    internal static uint Compute(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        if (Pclmulqdq.IsSupported && data.Length >= 2 * FoldedBytes)
        {
            int folded = data.Length / 16 * 16;
            crc = Fold(data[..folded], crc);
            data = data[folded..];
        }

        return ~Update(crc, data);
    }

    /// <summary>The remainder after some more bytes, by tables.</summary>
    internal static uint Update(uint crc, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<uint> tables = s_tables;
        while (data.Length >= 8)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            crc = tables[(7 * 256) + (int)(low & 255)]
                ^ tables[(6 * 256) + (int)((low >> 8) & 255)]
                ^ tables[(5 * 256) + (int)((low >> 16) & 255)]
                ^ tables[(4 * 256) + (int)(low >> 24)]
                ^ tables[(3 * 256) + (int)(high & 255)]
                ^ tables[(2 * 256) + (int)((high >> 8) & 255)]
                ^ tables[256 + (int)((high >> 16) & 255)]
                ^ tables[(int)(high >> 24)];
            data = data[8..];
        }

        foreach (byte value in data)
        {
            crc = tables[(int)((crc ^ value) & 255)] ^ (crc >> 8);
        }

        return crc;
    }

    // Four lanes of 16 bytes are each multiplied past the next 64 bytes, then past each other; 16 bytes with the same
    // remainder are left for the tables. The constants are x^n mod P for the distances, bits reflected.
    private static uint Fold(ReadOnlySpan<byte> data, uint crc)
    {
        Vector128<ulong> by64 = Vector128.Create(0x0154442BD4ul, 0x01C6E41596ul);
        Vector128<ulong> by16 = Vector128.Create(0x01751997D0ul, 0x00CCAA009Eul);
        ref byte at = ref MemoryMarshal.GetReference(data);
        Vector128<ulong> a = Load(ref at, 0) ^ Vector128.CreateScalar((ulong)crc);
        Vector128<ulong> b = Load(ref at, 16);
        Vector128<ulong> c = Load(ref at, 32);
        Vector128<ulong> d = Load(ref at, 48);
        int i = FoldedBytes;
        for (; i + FoldedBytes <= data.Length; i += FoldedBytes)
        {
            a = Past(a, by64) ^ Load(ref at, i);
            b = Past(b, by64) ^ Load(ref at, i + 16);
            c = Past(c, by64) ^ Load(ref at, i + 32);
            d = Past(d, by64) ^ Load(ref at, i + 48);
        }

        a = Past(Past(Past(a, by16) ^ b, by16) ^ c, by16) ^ d;
        for (; i < data.Length; i += 16)
        {
            a = Past(a, by16) ^ Load(ref at, i);
        }

        Span<byte> rest = stackalloc byte[16];
        a.AsByte().CopyTo(rest);
        return Update(0, rest);
    }

    private static Vector128<ulong> Load(ref byte at, int offset) => Vector128.LoadUnsafe(ref at, (nuint)offset).AsUInt64();

    private static Vector128<ulong> Past(Vector128<ulong> value, Vector128<ulong> distance) =>
        Pclmulqdq.CarrylessMultiply(value, distance, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, distance, 0x11);

    private static uint[] MakeTables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? Polynomial ^ (value >> 1) : value >> 1;
            }

            tables[i] = value;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            uint before = tables[i - 256];
            tables[i] = tables[before & 255] ^ (before >> 8);
        }

        return tables;
    }
}
