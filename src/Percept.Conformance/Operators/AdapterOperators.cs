using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Layers with an adapter over a frozen base.</summary>
internal static class AdapterOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("lora_linear_quantized", QuantizedLora),
    ];

    /// <summary>x·deq(W)ᵀ + scale·(x·Aᵀ)·Bᵀ.</summary>
    private static void QuantizedLora(OpRun run)
    {
        Tensor x = run.Input("x");
        Tensor weight = Base(run, out Tensor plain);
        Tensor low = Ops.Linear(Ops.Linear(x, run.Input("lora_A")), run.Input("lora_B"));
        run.Give(Ops.Add(Ops.Linear(x, weight), Ops.Scale(low, (float)run.Args.Number("scale"))));
        run.Give("dequantized", plain);
    }

    /// <summary>The base as the layer reads it, and its numbers.</summary>
    private static Tensor Base(OpRun run, out Tensor plain)
    {
        RunArgs args = run.Args;
        int[] sizes = args.Ints("shape");
        Shape shape = Shape.Create(sizes);
        string name = args.Text("base");
        if (name == "NF4")
        {
            int block = args.Int("block_size", NormalFloat4.DefaultBlock);
            plain = NormalFloatVerbs.Decode(run.Input("packed"), run.Input("absmax"), shape, block);
            return plain;
        }

        DType type = BlockTypes.Named(name);
        args.Only("block_size", $"{type.BlockElements()}");
        Tensor blocks = run.Input("blocks");
        plain = BlockTypes.Dequantize(blocks, type);
        return Tensor.FromBytes(blocks.Bytes(), shape, type);
    }
}
