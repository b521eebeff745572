using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Percept.Media;

namespace Percept.Models;

/// <summary>Hashes of media: two with the same hash become the same rows of the same model.</summary>
internal static class MediaHash
{
    /// <summary>SHA-256 over decoded pixels and over how they are prepared.</summary>
    /// <param name="media">The medium.</param>
    /// <param name="preparation">Everything that changes what becomes of the pixels.</param>
    /// <returns>64 hexadecimal digits.</returns>
    internal static string Of(MediaContent media, string preparation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(preparation));
        Append(hash, [(int)media.Kind, media.Frames.Count]);
        foreach (Image frame in media.Frames)
        {
            Append(hash, [(int)frame.Format, frame.Width, frame.Height]);
            hash.AppendData(frame.Pixels);
            AppendColors(hash, frame);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The colours of a palette and the transparent one: pixels alone do not tell the picture.</summary>
    private static void AppendColors(IncrementalHash hash, Image frame)
    {
        if (frame.Palette is { } palette)
        {
            Append(hash, [palette.Count, palette.HasAlpha ? 1 : 0]);
            hash.AppendData(palette.Rgba);
        }

        if (frame.TransparentColor is { } transparent)
        {
            Append(hash, [.. transparent]);
        }
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<int> values) => hash.AppendData(MemoryMarshal.AsBytes(values));
}
