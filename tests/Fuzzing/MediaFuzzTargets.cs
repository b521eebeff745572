namespace Percept.TestSupport;

/// <summary>The parsers of pictures and sounds.</summary>
public static class MediaFuzzTargets
{
    /// <summary>One line a parser.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. MediaRasterSeeds.Targets,
    ];
}
