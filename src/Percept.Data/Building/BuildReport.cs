namespace Percept.Data;

/// <summary>What a build did, counted.</summary>
public sealed class BuildReport
{
    /// <summary>How many pictures had annotations.</summary>
    public int Images { get; internal set; }

    /// <summary>How many instructions were asked for: pictures times kinds.</summary>
    public int Asked { get; internal set; }

    /// <summary>How many of them an earlier run had written.</summary>
    public int FromEarlierRun { get; internal set; }

    /// <summary>How many the writer wrote in this run.</summary>
    public int Written { get; internal set; }

    /// <summary>For how many the annotations were not enough.</summary>
    public int NotEnoughKnown { get; internal set; }

    /// <summary>How many calls were tried again.</summary>
    public int Retried { get; internal set; }

    /// <summary>What the writer could not write, by sample, with the reason. A further run tries these again.</summary>
    public IReadOnlyList<(string Id, string Reason)> Failures { get; internal set; } = [];

    /// <summary>How many samples were dropped, by reason.</summary>
    public SortedDictionary<string, int> Dropped { get; } = new(StringComparer.Ordinal);

    /// <summary>Samples that overlap with an evaluation set.</summary>
    public IReadOnlyList<(string Id, Contamination Overlap)> Overlaps { get; internal set; } = [];

    /// <summary>How many samples were kept, by kind.</summary>
    public SortedDictionary<string, int> Kept { get; } = new(StringComparer.Ordinal);
}
