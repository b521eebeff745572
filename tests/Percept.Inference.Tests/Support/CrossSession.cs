using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Inference.Tests.Support;

/// <summary>A session over the decoder of an encoder-decoder: each row has a cache and the states of its source.</summary>
internal sealed class CrossSession : IGenerationSession
{
    private readonly IEncoderDecoder _model;
    private readonly List<CrossMemory> _memories = [];
    private (KvCache Cache, CrossMemory Memory)[] _rows;

    internal CrossSession(IEncoderDecoder model, IReadOnlyList<int[]> sources)
    {
        using TensorScope scope = TensorScope.Open();
        using GradientSwitch off = Gradients.Off();
        _model = model;
        foreach (int[] ids in sources)
        {
            var batch = new SequenceBatch();
            batch.Add(ids.Length);
            Tensor tokens = Tensor.From(ids, [ids.Length]);
            _memories.Add(model.Remember(model.Encoder.Encode(new TextInput(tokens), batch).States));
        }

        _rows = [.. _memories.Select(memory => (new KvCache(model.Decoder.CacheShapes), memory))];
    }

    public int VocabularySize => _model.Decoder.VocabularySize;

    public int Rows => _rows.Length;

    public int Length(int row) => _rows[row].Cache.Length;

    public void Truncate(int row, int length) => _rows[row].Cache.Truncate(length);

    public void Reorder(ReadOnlySpan<int> sources)
    {
        var next = new (KvCache, CrossMemory)[sources.Length];
        for (int i = 0; i < next.Length; i++)
        {
            (KvCache cache, CrossMemory memory) = _rows[sources[i]];
            var copy = new KvCache(_model.Decoder.CacheShapes);
            copy.CopyFrom(cache, cache.Length);
            next[i] = (copy, memory);
        }

        Array.ForEach(_rows, row => row.Cache.Dispose());
        _rows = next;
    }

    public void Step(ReadOnlySpan<int> rowOfToken, ReadOnlySpan<int> tokens, Span<float> logits)
    {
        for (int i = 0, count; i < tokens.Length; i += count)
        {
            int row = rowOfToken[i];
            count = rowOfToken[i..].IndexOfAnyExcept(row) is var end && end < 0 ? tokens.Length - i : end;
            using TensorScope scope = TensorScope.Open();
            Run(row, tokens.Slice(i, count))[(VocabularySize * (count - 1))..].CopyTo(logits[(row * VocabularySize)..]);
        }
    }

    public void StepAll(int row, ReadOnlySpan<int> tokens, Span<float> logits)
    {
        using TensorScope scope = TensorScope.Open();
        Run(row, tokens).CopyTo(logits);
    }

    public void Dispose()
    {
        Array.ForEach(_rows, row => row.Cache.Dispose());
        _memories.ForEach(memory => memory.Dispose());
    }

    private ReadOnlySpan<float> Run(int row, ReadOnlySpan<int> tokens)
    {
        using GradientSwitch off = Gradients.Off();
        var batch = new SequenceBatch();
        batch.Add(tokens.Length, _rows[row].Cache);
        batch.SetMemory(0, _rows[row].Memory);
        ILanguageModel decoder = _model.Decoder;
        return decoder.Logits(decoder.Forward(decoder.Embed(Tensor.From(tokens, [tokens.Length])), batch)).Span<float>();
    }
}
