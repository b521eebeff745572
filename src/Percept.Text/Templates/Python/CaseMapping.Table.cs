using System.Collections.Frozen;

namespace Percept.Text;

/// <summary>The mappings that the runtime's own, one to one and without exceptions, does not have.</summary>
internal static partial class CaseMapping
{
    private static readonly FrozenDictionary<int, string> s_upper = new Dictionary<int, string>().ToFrozenDictionary();

    private static readonly FrozenDictionary<int, string> s_title = new Dictionary<int, string>().ToFrozenDictionary();

    private static readonly FrozenDictionary<int, string> s_lower = new Dictionary<int, string>().ToFrozenDictionary();
}
