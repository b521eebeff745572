namespace Percept.Media;

/// <summary>FLAC's checksums: CRC-8 (polynomial 0x07) of frame headers, CRC-16 (0x8005) of frames, both starting at 0.</summary>
internal static class FlacCrc
{
    private const int Lanes = 8;

    private static readonly byte[] s_table8 = Table8();

    /// <summary>Entry [k·256 + b]: what byte b contributes when k bytes follow it.</summary>
    private static readonly ushort[] s_table16 = Table16();

    internal static byte Crc8(ReadOnlySpan<byte> data)
    {
        byte crc = 0;
        foreach (byte b in data)
        {
            crc = s_table8[crc ^ b];
        }

        return crc;
    }

    internal static ushort Crc16(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<ushort> table = s_table16;
        uint crc = 0;
        while (data.Length >= Lanes)
        {
            crc = (uint)(table[(7 * 256) + (byte)(data[0] ^ (crc >> 8))] ^ table[(6 * 256) + (byte)(data[1] ^ crc)]
                ^ table[(5 * 256) + data[2]] ^ table[(4 * 256) + data[3]] ^ table[(3 * 256) + data[4]]
                ^ table[(2 * 256) + data[5]] ^ table[256 + data[6]] ^ table[data[7]]);
            data = data[Lanes..];
        }

        foreach (byte b in data)
        {
            crc = (ushort)((crc << 8) ^ table[(byte)((crc >> 8) ^ b)]);
        }

        return (ushort)crc;
    }

    private static byte[] Table8()
    {
        var table = new byte[256];
        for (int i = 0; i < table.Length; i++)
        {
            int crc = i;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc << 1) ^ ((crc & 0x80) != 0 ? 0x107 : 0);
            }

            table[i] = (byte)crc;
        }

        return table;
    }

    private static ushort[] Table16()
    {
        var table = new ushort[Lanes * 256];
        for (int i = 0; i < 256; i++)
        {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc << 1) ^ ((crc & 0x8000) != 0 ? 0x18005 : 0);
            }

            table[i] = (ushort)crc;
        }

        for (int i = 256; i < table.Length; i++)
        {
            ushort before = table[i - 256];
            table[i] = (ushort)((before << 8) ^ table[before >> 8]);
        }

        return table;
    }
}
