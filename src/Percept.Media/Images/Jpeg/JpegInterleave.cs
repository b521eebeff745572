using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Percept.Media;

/// <summary>Stores three vectors of samples as pixels of three bytes: 32 pixels, 96 bytes.</summary>
/// <remarks>
/// As 3 has no common part with 16, one shuffle puts each sample of a vector where it belongs in one of the three
/// outputs; two blends then pick.
/// </remarks>
internal static unsafe class JpegInterleave
{
    /// <summary>Samples in the order of the pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store3(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c, byte* to)
    {
        var orderA = Vector256.Create(
            (byte)0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10, 5,
            0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10, 5);
        var orderB = Vector256.Create(
            (byte)5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10,
            5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10);
        var orderC = Vector256.Create(
            (byte)10, 5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15,
            10, 5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15);
        Blend(Avx2.Shuffle(a, orderA), Avx2.Shuffle(b, orderB), Avx2.Shuffle(c, orderC), to);
    }

    /// <summary>Samples parted: each 16 bytes hold eight of even pixels and then eight of odd ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store3Parted(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c, byte* to)
    {
        var orderA = Vector256.Create(
            (byte)0, 13, 3, 8, 6, 11, 1, 14, 4, 9, 7, 12, 2, 15, 5, 10,
            0, 13, 3, 8, 6, 11, 1, 14, 4, 9, 7, 12, 2, 15, 5, 10);
        var orderB = Vector256.Create(
            (byte)10, 0, 13, 3, 8, 6, 11, 1, 14, 4, 9, 7, 12, 2, 15, 5,
            10, 0, 13, 3, 8, 6, 11, 1, 14, 4, 9, 7, 12, 2, 15, 5);
        var orderC = Vector256.Create(
            (byte)5, 10, 0, 13, 3, 8, 6, 11, 1, 14, 4, 9, 7, 12, 2, 15,
            5, 10, 0, 13, 3, 8, 6, 11, 1, 14, 4, 9, 7, 12, 2, 15);
        Blend(Avx2.Shuffle(a, orderA), Avx2.Shuffle(b, orderB), Avx2.Shuffle(c, orderC), to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blend(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c, byte* to)
    {
        var second = Vector256.Create(
            (byte)0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0,
            0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0);
        var third = Vector256.Create(
            (byte)0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0,
            0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0);
        var v0 = Avx2.BlendVariable(Avx2.BlendVariable(a, b, second), c, third);
        var v1 = Avx2.BlendVariable(Avx2.BlendVariable(b, c, second), a, third);
        var v2 = Avx2.BlendVariable(Avx2.BlendVariable(c, a, second), b, third);
        v0.GetLower().Store(to);
        v1.GetLower().Store(to + 16);
        v2.GetLower().Store(to + 32);
        v0.GetUpper().Store(to + 48);
        v1.GetUpper().Store(to + 64);
        v2.GetUpper().Store(to + 80);
    }
}
