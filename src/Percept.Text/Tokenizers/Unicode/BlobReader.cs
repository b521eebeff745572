using System.IO.Compression;

namespace Percept.Text;

/// <summary>Reads numbers of seven bits a byte, lowest first, from deflated base64.</summary>
internal sealed class BlobReader
{
    private readonly byte[] _bytes;
    private int _at;

    internal BlobReader(string blob)
    {
        using var packed = new MemoryStream(Convert.FromBase64String(blob));
        using var inflate = new DeflateStream(packed, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        inflate.CopyTo(bytes);
        _bytes = bytes.ToArray();
    }

    internal int Next()
    {
        int number = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte value = _bytes[_at++];
            number |= (value & 127) << shift;
            if (value < 128)
            {
                return number;
            }
        }
    }

    internal byte NextByte() => _bytes[_at++];
}
