namespace Percept.Media;

/// <summary>Converts samples from one format to another; the spans hold whole pixels and do not overlap.</summary>
internal delegate void PixelConversion(ReadOnlySpan<byte> source, Span<byte> target);
