using System.Runtime.InteropServices;
using System.Text;

namespace Percept.Text;

/// <summary>The words of a corpus as tokens, with counts of all pairs of neighbours and the words that each stands in.</summary>
internal sealed class BpePairTable
{
    private readonly List<int[]> _words = [];
    private readonly List<long> _counts = [];
    private readonly Dictionary<long, Pair> _pairs = [];

    // May hold counts that have fallen since; those are put right when they come up.
    private readonly PriorityQueue<long, (long Falling, long Key)> _queue = new();

    internal BpePairTable(IReadOnlyDictionary<string, long> words, ReadOnlySpan<int> letters)
    {
        foreach ((string word, long count) in words)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(word);
            var tokens = new int[bytes.Length];
            for (int i = 0; i < bytes.Length; i++)
            {
                tokens[i] = letters[bytes[i]];
            }

            int index = _words.Count;
            _words.Add(tokens);
            _counts.Add(count);
            for (int i = 0; i + 1 < tokens.Length; i++)
            {
                Count(Key(tokens[i], tokens[i + 1]), count, index);
            }
        }

        foreach ((long key, Pair pair) in _pairs)
        {
            _queue.Enqueue(key, (-pair.Count, key));
        }
    }

    /// <summary>The pair with the highest count, of those the one with the lowest ids; null when none has the least count.</summary>
    internal (int Left, int Right)? Best(long least)
    {
        while (_queue.TryDequeue(out long key, out (long Falling, long Key) order))
        {
            long count = _pairs[key].Count;
            if (count < least)
            {
                continue;
            }

            if (count != -order.Falling)
            {
                _queue.Enqueue(key, (-count, key));
                continue;
            }

            return ((int)(key >> 32), (int)key);
        }

        return null;
    }

    /// <summary>Joins a pair into one token everywhere, from the left.</summary>
    internal void Merge(int left, int right, int token)
    {
        long merged = Key(left, right);
        Pair pair = _pairs[merged];
        List<int> places = pair.Words;
        var changed = new HashSet<long>();
        foreach (int index in places)
        {
            int[] old = _words[index];
            int[] word = Join(old, left, right, token);
            if (word.Length == old.Length)
            {
                // The word was listed twice, or lost the pair to another merge.
                continue;
            }

            long count = _counts[index];
            _words[index] = word;
            for (int i = 0; i + 1 < old.Length; i++)
            {
                CollectionsMarshal.GetValueRefOrNullRef(_pairs, Key(old[i], old[i + 1])).Count -= count;
            }

            for (int i = 0; i + 1 < word.Length; i++)
            {
                long key = Key(word[i], word[i + 1]);
                bool isNew = word[i] == token || word[i + 1] == token;
                Count(key, count, isNew ? index : -1);
                if (isNew)
                {
                    changed.Add(key);
                }
            }
        }

        foreach (long key in changed)
        {
            _queue.Enqueue(key, (-_pairs[key].Count, key));
        }
    }

    private static int[] Join(int[] word, int left, int right, int token)
    {
        int joined = 0;
        for (int i = 0; i + 1 < word.Length; i++)
        {
            if (word[i] == left && word[i + 1] == right)
            {
                joined++;
                i++;
            }
        }

        if (joined == 0)
        {
            return word;
        }

        var result = new int[word.Length - joined];
        for (int i = 0, to = 0; i < word.Length; i++)
        {
            bool isPair = i + 1 < word.Length && word[i] == left && word[i + 1] == right;
            result[to++] = isPair ? token : word[i];
            i += isPair ? 1 : 0;
        }

        return result;
    }

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    private void Count(long key, long count, int word)
    {
        ref Pair pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, key, out bool known);
        if (!known)
        {
            pair.Words = [];
        }

        pair.Count += count;
        if (word >= 0 && (pair.Words.Count == 0 || pair.Words[^1] != word))
        {
            pair.Words.Add(word);
        }
    }

    private struct Pair
    {
        internal long Count;
        internal List<int> Words;
    }
}
