using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Percept.Data;

/// <summary>Adds texts to hashes so that no two lists of texts give the same bytes.</summary>
internal static class HashText
{
    /// <summary>Adds a text behind its length; null is told from an empty text.</summary>
    internal static void Append(IncrementalHash hash, string? text)
    {
        byte[] bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text is null ? -1 : bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
