namespace Percept.Cli;

/// <summary>Sizes as people read them.</summary>
internal static class ByteSize
{
    /// <summary>Bytes in the largest unit that leaves a whole number before the point: <c>14.1 GB</c>.</summary>
    internal static string Text(long bytes) => bytes switch
    {
        >= 1_000_000_000 => FormattableString.Invariant($"{bytes / 1e9:f1} GB"),
        >= 1_000_000 => FormattableString.Invariant($"{bytes / 1e6:f1} MB"),
        >= 1_000 => FormattableString.Invariant($"{bytes / 1e3:f1} kB"),
        _ => FormattableString.Invariant($"{bytes} B"),
    };
}
