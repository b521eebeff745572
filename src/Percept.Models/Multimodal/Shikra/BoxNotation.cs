namespace Percept.Models;

/// <summary>How boxes and points are written in text.</summary>
public enum BoxNotation
{
    /// <summary><c>[0.100,0.200,0.300,0.400;…]</c>, as Shikra writes them.</summary>
    Square,

    /// <summary><c>(0.100,0.200,0.300,0.400;…)</c>.</summary>
    Round,

    /// <summary>A token for each of 1001 places of a side: <c>&lt;b_st&gt;&lt;bin_100&gt; …&lt;b_ed&gt;</c>.</summary>
    Bins,
}
