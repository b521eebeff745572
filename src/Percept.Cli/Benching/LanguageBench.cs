using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Cli;

/// <summary>Runs a language model as an engine does: prompts, and steps of several sequences together.</summary>
internal sealed class LanguageBench : IDisposable
{
    /// <summary>Tokens that stand behind each sequence while decoding is measured.</summary>
    internal const int Context = 128;

    private readonly ILanguageModel _model;
    private readonly KvCache[] _caches;
    private readonly SequenceBatch _batch;
    private readonly Tensor _ids;

    internal LanguageBench(ILanguageModel model, KvCacheType type, int sequences, int longest)
    {
        _model = model;
        _batch = new SequenceBatch(model.PositionAxes);
        _caches = [.. Enumerable.Range(0, sequences).Select(_ => new KvCache(model.CacheShapes, type))];
        int count = Math.Max(longest, sequences);
        _ids = Tensor.From((int[])[.. Enumerable.Range(0, count).Select(i => i * 37 % model.VocabularySize)], [count]).KeepAlways();
    }

    /// <summary>Bytes of keys and values that a step of so many sequences reads.</summary>
    internal long CacheBytes(int sequences) => _caches[0].BytesPerToken * Context * sequences;

    /// <summary>A prompt's pass through all layers, and the logits of its last token.</summary>
    internal void Prefill(int tokens)
    {
        _caches[0].Truncate(0);
        Step(_caches.AsSpan(0, 1), tokens);
    }

    /// <summary>Fills each sequence's context.</summary>
    internal void Fill(int sequences)
    {
        for (int i = 0; i < sequences; i++)
        {
            _caches[i].Truncate(0);
            Step(_caches.AsSpan(i, 1), Context);
        }
    }

    /// <summary>One token for each of some sequences whose contexts are filled.</summary>
    internal void Decode(int sequences)
    {
        for (int i = 0; i < sequences; i++)
        {
            _caches[i].Truncate(Context);
        }

        Step(_caches.AsSpan(0, sequences), 1);
    }

    public void Dispose()
    {
        Array.ForEach(_caches, cache => cache.Dispose());
        _ids.Dispose();
    }

    private void Step(ReadOnlySpan<KvCache> caches, int rows)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        _batch.Clear();
        foreach (KvCache cache in caches)
        {
            _batch.Add(rows, cache);
        }

        Tensor hidden = _model.Forward(_model.Embed(_ids.Rows(0, rows * caches.Length)), _batch);
        _model.Logits(rows == 1 ? hidden : hidden.Rows(hidden.Shape[0] - 1, 1));
    }
}
