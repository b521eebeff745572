using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>From and to gray of 16 and 32 bits and float32. Narrowing clips: it never takes the high byte.</summary>
internal static class WideConversions
{
    internal static void GrayToGray16(ReadOnlySpan<byte> source, Span<byte> target) => Map<byte, ushort>(source, target, static v => v);

    internal static void GrayToGray32(ReadOnlySpan<byte> source, Span<byte> target) => Map<byte, int>(source, target, static v => v);

    internal static void GrayToFloat(ReadOnlySpan<byte> source, Span<byte> target) => Map<byte, float>(source, target, static v => v);

    internal static void Gray16ToGray(ReadOnlySpan<byte> source, Span<byte> target) =>
        Map<ushort, byte>(source, target, static v => (byte)Math.Min(v, (ushort)255));

    internal static void Gray16ToGray32(ReadOnlySpan<byte> source, Span<byte> target) => Map<ushort, int>(source, target, static v => v);

    internal static void Gray16ToFloat(ReadOnlySpan<byte> source, Span<byte> target) => Map<ushort, float>(source, target, static v => v);

    internal static void Gray32ToGray(ReadOnlySpan<byte> source, Span<byte> target) =>
        Map<int, byte>(source, target, static v => (byte)Math.Clamp(v, 0, 255));

    internal static void Gray32ToGray16(ReadOnlySpan<byte> source, Span<byte> target) =>
        Map<int, ushort>(source, target, static v => (ushort)Math.Clamp(v, 0, ushort.MaxValue));

    internal static void Gray32ToFloat(ReadOnlySpan<byte> source, Span<byte> target) => Map<int, float>(source, target, static v => v);

    internal static void FloatToGray(ReadOnlySpan<byte> source, Span<byte> target) =>
        Map<float, byte>(source, target, static v => v >= 255 ? (byte)255 : v > 0 ? (byte)v : (byte)0);

    internal static void FloatToGray32(ReadOnlySpan<byte> source, Span<byte> target) => Map<float, int>(source, target, static v => (int)v);

    internal static void RgbToGray16(ReadOnlySpan<byte> source, Span<byte> target) =>
        MapRgb<ushort>(source, target, static (r, g, b) => ColorConversions.Luma(r, g, b));

    internal static void RgbToGray32(ReadOnlySpan<byte> source, Span<byte> target) =>
        MapRgb<int>(source, target, static (r, g, b) => ColorConversions.Luma(r, g, b));

    internal static void RgbToFloat(ReadOnlySpan<byte> source, Span<byte> target) =>
        MapRgb<float>(source, target, static (r, g, b) => ColorConversions.LumaThousand(r, g, b) / 1000f);

    private static void Map<TFrom, TTo>(ReadOnlySpan<byte> source, Span<byte> target, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        ReadOnlySpan<TFrom> from = MemoryMarshal.Cast<byte, TFrom>(source);
        Span<TTo> to = MemoryMarshal.Cast<byte, TTo>(target);
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = convert(from[i]);
        }
    }

    private static void MapRgb<TTo>(ReadOnlySpan<byte> source, Span<byte> target, Func<byte, byte, byte, TTo> convert)
        where TTo : unmanaged
    {
        Span<TTo> to = MemoryMarshal.Cast<byte, TTo>(target);
        for (int i = 0, s = 0; i < to.Length; i++, s += 3)
        {
            to[i] = convert(source[s], source[s + 1], source[s + 2]);
        }
    }
}
