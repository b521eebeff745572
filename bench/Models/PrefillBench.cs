using Percept.Bench.Harness;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Tensors.Diagnostics;

namespace Percept.Bench.Models;

/// <summary>A prompt's pass through all layers, and the logits of its last token.</summary>
internal sealed class PrefillBench(DecoderShape shape, DType type, int tokens, PeakKind peak, double percent) : IKernelBench
{
    private ILanguageModel? _model;
    private KvCache? _cache;
    private SequenceBatch? _batch;
    private Tensor _ids;

    public string Family => $"prefill-{type.ToString().ToLowerInvariant()}";

    public string Shape => $"{shape.Name} {tokens} tokens";

    public Bar Bar => Bar.Peak(peak, percent);

    public double Work => 2.0 * tokens * shape.LayerParameters;

    public void Prepare()
    {
        _model = shape.Make(type);
        _cache = new KvCache(_model.CacheShapes, KvCacheType.F16);
        _batch = new SequenceBatch();
        _ids = Tensor.From((int[])[.. Enumerable.Range(0, tokens).Select(i => i * 37 % _model.VocabularySize)], [tokens]).KeepAlways();
    }

    public void Run()
    {
        using GradientSwitch off = Gradients.Off();
        using TensorScope scope = TensorScope.Open();
        _cache!.Truncate(0);
        _batch!.Clear();
        _batch.Add(tokens, _cache);
        Tensor hidden = _model!.Forward(_model.Embed(_ids), _batch);
        _model.Logits(hidden.Rows(tokens - 1, 1));
    }

    public void Dispose()
    {
        _cache?.Dispose();
        _model = null;
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
