using System.Text;

namespace Percept.Inference;

/// <summary>
/// Names by their code points, so that those with a common beginning are followed together. Immutable.
/// </summary>
internal sealed class NameTrie
{
    private readonly List<SortedDictionary<int, int>> _children = [[]];
    private readonly List<int?> _names = [null];

    /// <summary>Orders names; lone surrogates, which no UTF-8 text can hold, are taken for U+FFFD.</summary>
    internal NameTrie(IReadOnlyList<string> names)
    {
        for (int i = 0; i < names.Count; i++)
        {
            int node = 0;
            foreach (Rune rune in names[i].EnumerateRunes())
            {
                if (!_children[node].TryGetValue(rune.Value, out int next))
                {
                    next = _children.Count;
                    _children.Add([]);
                    _names.Add(null);
                    _children[node].Add(rune.Value, next);
                }

                node = next;
            }

            _names[node] = i;
        }
    }

    /// <summary>The number of nodes; the first is that of the empty text.</summary>
    internal int Count => _children.Count;

    /// <summary>The code points that names go on with, and where they lead.</summary>
    internal IReadOnlyDictionary<int, int> Children(int node) => _children[node];

    /// <summary>The number of the name that ends at a node; null for none.</summary>
    internal int? NameAt(int node) => _names[node];
}
