using Percept.Text;

namespace Percept.Inference;

/// <summary>
/// The tokens of a vocabulary in order of their bytes, so that those which may come next are found together. Immutable;
/// made once for a tokenizer and shared by all constraints.
/// </summary>
/// <remarks>Control tokens and tokens without bytes never follow a constraint.</remarks>
public sealed class TokenVocabulary
{
    // A trie in the order of walking it: for each node its byte, its depth, the node behind all below it.
    private readonly byte[] _labels;
    private readonly int[] _depths;
    private readonly int[] _behind;

    // The tokens that end at a node stand together.
    private readonly int[] _tokenStarts;
    private readonly int[] _tokens;

    /// <summary>Orders the tokens of a vocabulary.</summary>
    /// <param name="bytes">The bytes of the tokens.</param>
    public TokenVocabulary(TokenBytes bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        Bytes = bytes;
        int[] order = [.. Enumerable.Range(0, bytes.Count).Where(id => !bytes.IsSpecial(id) && bytes[id].Length > 0)];
        Array.Sort(order, (a, b) =>
        {
            int sign = bytes[a].SequenceCompareTo(bytes[b]);
            return sign != 0 ? sign : a.CompareTo(b);
        });
        var labels = new List<byte>();
        var depths = new List<int>();
        var behind = new List<int>();
        var starts = new List<int>();
        var open = new int[bytes.MaxLength + 1];
        ReadOnlySpan<byte> before = [];
        int depth = 0;
        for (int i = 0; i < order.Length; i++)
        {
            ReadOnlySpan<byte> token = bytes[order[i]];
            int common = before.CommonPrefixLength(token);
            Close(depth, common, open, behind);
            for (depth = common; depth < token.Length; depth++)
            {
                open[depth] = labels.Count;
                labels.Add(token[depth]);
                depths.Add(depth);
                behind.Add(0);
                starts.Add(i);
            }

            before = token;
        }

        Close(depth, 0, open, behind);
        _labels = [.. labels];
        _depths = [.. depths];
        _behind = [.. behind];
        _tokens = order;
        _tokenStarts = Ends(bytes, order, starts);
    }

    /// <summary>The bytes of the tokens.</summary>
    public TokenBytes Bytes { get; }

    internal int MaxDepth => Bytes.MaxLength;

    /// <summary>Marks the tokens that a text may go on with.</summary>
    /// <param name="runner">Follows the grammar.</param>
    /// <param name="from">What the text means so far.</param>
    /// <param name="path">Room for <see cref="MaxDepth"/> + 1.</param>
    /// <param name="mask">Receives a bit for each id; cleared before.</param>
    internal void Mark(GrammarRunner runner, Configuration from, Configuration[] path, Span<ulong> mask)
    {
        path[0] = from;
        for (int node = 0; node < _labels.Length;)
        {
            int depth = _depths[node];
            Configuration next = runner.Next(path[depth], _labels[node]);
            if (next == Configuration.s_dead)
            {
                node = _behind[node];
                continue;
            }

            path[depth + 1] = next;
            for (int i = _tokenStarts[2 * node]; i < _tokenStarts[(2 * node) + 1]; i++)
            {
                mask[_tokens[i] >> 6] |= 1UL << (_tokens[i] & 63);
            }

            node++;
        }
    }

    private static void Close(int depth, int to, int[] open, List<int> behind)
    {
        for (int i = to; i < depth; i++)
        {
            behind[open[i]] = behind.Count;
        }
    }

    // For each node the tokens that end there: they come first among those below it.
    private int[] Ends(TokenBytes bytes, int[] order, List<int> starts)
    {
        var ends = new int[2 * starts.Count];
        for (int node = 0; node < starts.Count; node++)
        {
            int at = starts[node];
            int end = at;
            while (end < order.Length && bytes[order[end]].Length == _depths[node] + 1 && (end == at
                || bytes[order[end]].SequenceEqual(bytes[order[at]])))
            {
                end++;
            }

            (ends[2 * node], ends[(2 * node) + 1]) = (at, end);
        }

        return ends;
    }
}
