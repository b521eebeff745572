using Percept.Models;
using Percept.Tensors;

namespace Percept.Inference;

/// <summary>The rows of media by the hash of their whole content, so that a picture is encoded once. For one thread.</summary>
internal sealed class MediaCache(long bytes) : IDisposable
{
    private readonly Dictionary<string, LinkedListNode<(string Hash, Tensor Rows)>> _byHash = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Hash, Tensor Rows)> _order = new();
    private long _used;

    /// <summary>The rows of a medium.</summary>
    /// <param name="media">The medium.</param>
    /// <param name="adapter">The name of the adapter that encodes it; empty for none.</param>
    /// <param name="model">Encodes it where it is not known.</param>
    /// <param name="cancellation">Stops encoding.</param>
    /// <returns>Float32 [n, hidden]; belongs to the cache, or to the open scope where the medium has no hash.</returns>
    internal Tensor Rows(MediaInput media, string adapter, IMultimodalModel model, CancellationToken cancellation)
    {
        string hash = adapter.Length == 0 ? media.Hash : $"{media.Hash} {adapter}";
        if (media.Hash.Length > 0 && _byHash.TryGetValue(hash, out LinkedListNode<(string Hash, Tensor Rows)>? known))
        {
            _order.Remove(known);
            _order.AddFirst(known);
            return known.Value.Rows;
        }

        Tensor rows = model.Encode(media, cancellation);
        if (rows.Shape[0] != media.Tokens)
        {
            throw new InvalidOperationException(
                $"A medium became {rows.Shape[0]} rows, but its prompt has {media.Tokens} placeholders: processor and model disagree.");
        }

        if (media.Hash.Length == 0 || rows.ByteCount > bytes)
        {
            return rows;
        }

        rows.KeepAlways();
        _byHash[hash] = _order.AddFirst((hash, rows));
        _used += rows.ByteCount;
        while (_used > bytes)
        {
            Forget(_order.Last!);
        }

        return rows;
    }

    public void Dispose()
    {
        while (_order.Last is { } last)
        {
            Forget(last);
        }
    }

    private void Forget(LinkedListNode<(string Hash, Tensor Rows)> node)
    {
        _used -= node.Value.Rows.ByteCount;
        _byHash.Remove(node.Value.Hash);
        _order.Remove(node);
        node.Value.Rows.Dispose();
    }
}
