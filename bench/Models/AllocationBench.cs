using Percept.Bench.Harness;
using Percept.Inference;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Bench.Models;

/// <summary>Bytes that the garbage collector is asked for by a token, once a session is warm.</summary>
internal sealed class AllocationBench(DecoderShape shape, DType type, int sequences) : IKernelBench
{
    private const int Tokens = 64;

    private ModelSession? _session;
    private float[] _logits = [];
    private int[] _rows = [];
    private int[] _tokens = [];

    public string Family => "allocation";

    public string Shape => $"{shape.Name} {sequences} sequences";

    public Bar Bar => Bar.Bytes(0.5);

    public double Work => 0;

    public void Prepare()
    {
        _session = new ModelSession(shape.Make(type), sequences, KvCacheType.F16);
        _logits = new float[sequences * _session.VocabularySize];
        _rows = [.. Enumerable.Range(0, sequences)];
        _tokens = [.. Enumerable.Range(100, sequences)];
    }

    public void Run()
    {
        _session!.Step(_rows, _tokens, _logits);
        for (int row = 0; row < sequences; row++)
        {
            _session.Truncate(row, Math.Min(_session.Length(row), Tokens));
        }
    }

    /// <summary>Bytes a call.</summary>
    public double Bytes(int calls)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < calls; i++)
        {
            Run();
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)calls;
    }

    public void Dispose()
    {
        _session?.Dispose();
        _session = null;
    }
}
