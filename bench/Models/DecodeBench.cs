using Percept.Bench.Harness;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Tensors.Diagnostics;

namespace Percept.Bench.Models;

/// <summary>One token for each of some sequences, together in one pass, with a context behind each.</summary>
internal sealed class DecodeBench(DecoderShape shape, DType type, int sequences, int context, double bar) : IKernelBench
{
    private ILanguageModel? _model;
    private KvCache[] _caches = [];
    private SequenceBatch? _batch;
    private Tensor _ids;

    public string Family => sequences == 1 ? $"decode-{type.ToString().ToLowerInvariant()}" : $"decode-{sequences}-against-1-{type.ToString().ToLowerInvariant()}";

    public string Shape => $"{shape.Name} at {context}";

    /// <summary>One sequence reads memory; several are compared with as many steps of one.</summary>
    public Bar Bar => sequences == 1 ? Bar.Peak(PeakKind.MemoryRead, bar) : Bar.Faster(bar);

    public double Work => sequences == 1 ? shape.BytesRead(type) + ((double)context * _caches.FirstOrDefault()?.BytesPerToken ?? 0) : 0;

    public void Prepare()
    {
        _model = shape.Make(type);
        _batch = new SequenceBatch();
        _caches = [.. Enumerable.Range(0, sequences).Select(_ => new KvCache(_model.CacheShapes, KvCacheType.F16))];
        _ids = Tensor.From((int[])[.. Enumerable.Range(0, Math.Max(context, sequences)).Select(i => i * 37 % _model.VocabularySize)], [Math.Max(context, sequences)]).KeepAlways();
        foreach (KvCache cache in _caches)
        {
            Step([cache], context);
        }
    }

    public void Run() => Step(_caches, 1);

    public void Baseline()
    {
        for (int i = 0; i < sequences; i++)
        {
            Step(_caches.AsSpan(i, 1), 1);
        }
    }

    public void Dispose()
    {
        Array.ForEach(_caches, cache => cache.Dispose());
        _model = null;
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private void Step(ReadOnlySpan<KvCache> caches, int rows)
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        _batch!.Clear();
        foreach (KvCache cache in caches)
        {
            cache.Truncate(Math.Min(cache.Length, context));
            _batch.Add(rows, cache);
        }

        Tensor hidden = _model!.Forward(_model.Embed(_ids.Rows(0, rows * caches.Length)), _batch);
        _model.Logits(rows == 1 ? hidden : hidden.Rows(hidden.Shape[0] - 1, 1));
    }
}
