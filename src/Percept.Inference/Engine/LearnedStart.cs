using Percept.Models;

namespace Percept.Inference;

/// <summary>
/// The keys and values of a learned prompt, computed once for each kind of length (<see cref="ILanguageModel.LengthKind"/>): what the caches
/// of all sequences begin with. For one thread.
/// </summary>
internal sealed class LearnedStart : IDisposable
{
    private readonly Dictionary<int, KvCache> _byKind = [];
    private readonly ILanguageModel _model;
    private readonly SoftPrompt _prompt;
    private readonly KvCacheType _type;

    /// <summary>Computes it for short sequences, so that a prompt that does not fit the model is refused at once.</summary>
    internal LearnedStart(ILanguageModel model, SoftPrompt prompt, KvCacheType type)
    {
        (_model, _prompt, _type) = (model, prompt, type);
        Of(prompt.Tokens);
    }

    /// <summary>The start of a sequence; it stays this object's.</summary>
    /// <param name="wholeLength">The length of the sequence's prompt with the learned one.</param>
    internal KvCache Of(int wholeLength)
    {
        int kind = _model.LengthKind(wholeLength);
        if (!_byKind.TryGetValue(kind, out KvCache? cache))
        {
            cache = new KvCache(_model.CacheShapes, _type);
            _prompt.Fill(cache, _model, wholeLength);
            _byKind.Add(kind, cache);
        }

        return cache;
    }

    /// <summary>Lets an empty cache begin with it.</summary>
    internal void CopyTo(KvCache cache, int wholeLength)
    {
        KvCache start = Of(wholeLength);
        cache.CopyFrom(start, start.Length);
    }

    public void Dispose()
    {
        foreach (KvCache cache in _byKind.Values)
        {
            cache.Dispose();
        }

        _byKind.Clear();
    }
}
