using Percept.Models;

namespace Percept.Inference;

/// <summary>Caches of finished sequences, for prompts that begin as they did. For one thread.</summary>
/// <param name="bytes">How many bytes they may take.</param>
/// <param name="before">How many places of every cache a learned prompt takes, before those of the sequence's own.</param>
internal sealed class PrefixCache(long bytes, int before) : IDisposable
{
    private readonly LinkedList<(PromptKey Key, KvCache Cache)> _kept = new();

    /// <summary>
    /// A cache that holds the beginning of a prompt, cut to it; null when none does. It is taken out, or copied where it holds
    /// much more than is used.
    /// </summary>
    /// <param name="prompt">What the prompt is known by.</param>
    /// <param name="promptLength">How many places it has.</param>
    /// <param name="make">Makes an empty cache.</param>
    internal KvCache? Take(PromptKey prompt, int promptLength, Func<KvCache> make)
    {
        LinkedListNode<(PromptKey Key, KvCache Cache)>? best = null;
        int length = 0;

        // The last position is always computed: its logits are what the answer begins with.
        for (LinkedListNode<(PromptKey Key, KvCache Cache)>? node = _kept.First; node is not null; node = node.Next)
        {
            int common = node.Value.Key.CommonLength(prompt, Math.Min(node.Value.Cache.Length - before, promptLength - 1));
            if (common > length && node.Value.Key.LengthKind == prompt.LengthKind)
            {
                (best, length) = (node, common);
            }
        }

        if (best is null)
        {
            return null;
        }

        KvCache cache = best.Value.Cache;
        if (2 * length < cache.Length && Used + (cache.BytesPerToken * length) <= bytes)
        {
            KvCache copy = make();
            copy.CopyFrom(cache, before + length);
            return copy;
        }

        _kept.Remove(best);
        cache.Truncate(before + length);
        return cache;
    }

    /// <summary>Keeps a cache, or frees it where there is no room.</summary>
    internal void Put(PromptKey key, KvCache cache)
    {
        _kept.AddFirst((key, cache));
        while (_kept.Last is { } last && Used > bytes)
        {
            last.Value.Cache.Dispose();
            _kept.RemoveLast();
        }
    }

    /// <summary>Frees the oldest cache; false when there is none.</summary>
    internal bool FreeOne()
    {
        if (_kept.Last is not { } last)
        {
            return false;
        }

        last.Value.Cache.Dispose();
        _kept.RemoveLast();
        return true;
    }

    public void Dispose()
    {
        while (FreeOne())
        {
        }
    }

    private long Used => _kept.Sum(pair => pair.Cache.BytesPerToken * pair.Cache.Capacity);
}
