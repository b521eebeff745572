namespace Percept.Models;

/// <summary>What each adapter of a set makes of one layer.</summary>
/// <param name="set">The set, which says who acts.</param>
/// <param name="own">For each adapter of the set what it makes of the layer; null for nothing.</param>
internal sealed class LayerAdapters(AdapterSet set, ILinearAdapter?[] own)
{
    /// <summary>The one that acts; null for none.</summary>
    internal ILinearAdapter? Active => set.ActiveIndex is var index and >= 0 ? own[index] : null;
}
