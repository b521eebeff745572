using Percept.Bench.Harness;
using Percept.Tensors;
using Percept.Tensors.Autograd;
using Percept.Tensors.Diagnostics;

namespace Percept.Bench.Kernels;

/// <summary>Attention of 16 heads of 64: whole, causal (useful work counted), with gradients, and one query over a long cache.</summary>
internal sealed class AttentionBench(string kind, int heads, int queries, int keys, int width, double percent) : IKernelBench
{
    private Tensor _q;
    private Tensor _k;
    private Tensor _v;

    public string Family => kind == "plain" ? "attention" : $"attention-{kind}";

    public string Shape => queries == keys ? $"{heads}x{queries}x{width}" : $"{heads}x{queries}/{keys}x{width}";

    public Bar Bar => Bar.Peak(kind == "decode" ? PeakKind.MemoryRead : PeakKind.Fp32, percent);

    public double Work => kind switch
    {
        "decode" => 2.0 * heads * keys * width * sizeof(float),
        "causal" => 2.0 * heads * queries * (keys + 1.0) * width,
        "train" => 4.0 * 3.5 * heads * queries * keys * width,
        _ => 4.0 * heads * queries * keys * width,
    };

    internal static IKernelBench[] All() =>
    [
        new AttentionBench("plain", 16, 577, 577, 64, 70),
        new AttentionBench("plain", 16, 2048, 2048, 64, 80),
        new AttentionBench("causal", 16, 577, 577, 64, 70),
        new AttentionBench("causal", 16, 2048, 2048, 64, 80),
        new AttentionBench("train", 16, 577, 577, 64, 0),
        new AttentionBench("decode", 32, 1, 16384, 128, 0),
    ];

    public void Prepare()
    {
        var random = new RandomStream(1);
        _q = Ops.RandomNormal([1, heads, queries, width], random);
        _k = Ops.RandomNormal([1, heads, keys, width], random);
        _v = Ops.RandomNormal([1, heads, keys, width], random);
        if (kind == "train")
        {
            _q.RequireGrad();
            _k.RequireGrad();
            _v.RequireGrad();
        }
    }

    public void Run()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor result = Ops.Attention(_q, _k, _v, new AttentionOptions { Causal = kind == "causal" });
        if (kind == "train")
        {
            Gradients.Backward(result, result);
            _q.ZeroGrad();
            _k.ZeroGrad();
            _v.ZeroGrad();
        }
    }

    public void Dispose()
    {
        _q.Dispose();
        _k.Dispose();
        _v.Dispose();
    }
}
