using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Inference.Tests.Support;

/// <summary>A session over a decoder: one cache a row.</summary>
internal sealed class DecoderSession : IHiddenStateSession
{
    private readonly ILanguageModel _model;
    private KvCache[] _caches;

    internal DecoderSession(ILanguageModel model, int rows)
    {
        _model = model;
        _caches = [.. Enumerable.Range(0, rows).Select(_ => new KvCache(model.CacheShapes))];
    }

    public int VocabularySize => _model.VocabularySize;

    public int HiddenSize => _model.HiddenSize;

    public int Rows => _caches.Length;

    public int Length(int row) => _caches[row].Length;

    public void Truncate(int row, int length) => _caches[row].Truncate(length);

    public void Step(ReadOnlySpan<int> rowOfToken, ReadOnlySpan<int> tokens, Span<float> logits) =>
        Feed(rowOfToken, tokens, logits, [], each: false);

    public void Step(ReadOnlySpan<int> rowOfToken, ReadOnlySpan<int> tokens, Span<float> logits, Span<float> hidden) =>
        Feed(rowOfToken, tokens, logits, hidden, each: false);

    public void StepAll(int row, ReadOnlySpan<int> tokens, Span<float> logits)
    {
        int[] rows = new int[tokens.Length];
        Array.Fill(rows, row);
        Feed(rows, tokens, logits, [], each: true);
    }

    public void Reorder(ReadOnlySpan<int> sources)
    {
        var next = new KvCache[sources.Length];
        for (int i = 0; i < next.Length; i++)
        {
            next[i] = new KvCache(_model.CacheShapes);
            next[i].CopyFrom(_caches[sources[i]], _caches[sources[i]].Length);
        }

        Dispose();
        _caches = next;
    }

    public void Dispose() => Array.ForEach(_caches, cache => cache.Dispose());

    /// <summary>Feeds embeddings [rows][n, hidden] instead of ids.</summary>
    internal float[] FeedEmbeddings(IReadOnlyList<float[]> embeddings)
    {
        using TensorScope scope = TensorScope.Open();
        using GradientSwitch off = Gradients.Off();
        var batch = new SequenceBatch(_model.PositionAxes);
        for (int row = 0; row < embeddings.Count; row++)
        {
            batch.Add(embeddings[row].Length / HiddenSize, _caches[row]);
        }

        float[] all = [.. embeddings.SelectMany(row => row)];
        Tensor states = _model.Forward(Tensor.From(all, [all.Length / HiddenSize, HiddenSize]), batch);
        float[] logits = new float[Rows * VocabularySize];
        int end = 0;
        for (int row = 0; row < embeddings.Count; row++)
        {
            end += embeddings[row].Length / HiddenSize;
            _model.Logits(states.Rows(end - 1, 1)).Span<float>().CopyTo(logits.AsSpan(row * VocabularySize));
        }

        return logits;
    }

    private void Feed(ReadOnlySpan<int> rows, ReadOnlySpan<int> tokens, Span<float> logits, Span<float> hidden, bool each)
    {
        using TensorScope scope = TensorScope.Open();
        using GradientSwitch off = Gradients.Off();
        var batch = new SequenceBatch(_model.PositionAxes);
        var last = new List<(int Row, int Index)>();
        for (int i = 0; i < rows.Length;)
        {
            int count = 1;
            while (i + count < rows.Length && rows[i + count] == rows[i])
            {
                count++;
            }

            batch.Add(count, _caches[rows[i]]);
            i += count;
            last.Add((rows[i - 1], i - 1));
        }

        Tensor states = _model.Forward(_model.Embed(Tensor.From(tokens, [tokens.Length])), batch);
        if (!hidden.IsEmpty)
        {
            states.Span<float>().CopyTo(hidden);
        }

        if (each)
        {
            _model.Logits(states).Span<float>().CopyTo(logits);
            return;
        }

        foreach ((int row, int index) in last)
        {
            _model.Logits(states.Rows(index, 1)).Span<float>().CopyTo(logits[(row * VocabularySize)..]);
        }
    }
}
