using System.Globalization;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Matrix products, linear layers and embeddings.</summary>
internal static class LinearOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("matmul", static run => run.Give(Ops.MatMul(run.Input("a"), run.Input("b")))),
        ("matmul_nt", static run => run.Give(Ops.MatMul(run.Input("a"), run.Input("b"), transposeB: true))),
        ("matmul_tn", static run => run.Give(Ops.MatMul(run.Input("a"), run.Input("b"), transposeA: true))),
        ("linear", static run =>
            run.Give(Ops.Linear(run.Input("input", "x"), run.Input("weight"), run.Optional("bias")))),
        ("baddbmm", AddedProduct),
        ("einsum", static run => run.Give(Einsum.Compute(
            run.Args.Text("equation"), [.. run.InputNames().Select(name => run.Input(name))]))),
        ("embedding", LookUp),
        ("tied_embedding_head", TiedHead),
        ("lora_linear_quantized", QuantizedLora),
    ];

    private static void AddedProduct(OpRun run)
    {
        double beta = run.Args.Number("beta", 1);
        Tensor input = run.Input("input");
        Tensor product = Ops.MatMul(
            run.Input("a", "batch1"), run.Input("b", "batch2"), alpha: (float)run.Args.Number("alpha", 1));

        // As in PyTorch, a beta of 0 leaves the input out, whatever it holds.
        run.Give(beta == 0 ? product : Ops.Add(product, Ops.Scale(input, (float)beta)));
    }

    private static void LookUp(OpRun run)
    {
        Tensor weight = run.Input("weight");
        int? padding = run.Args.IntOrNone("padding_idx");
        run.Args.Only("max_norm");
        run.Args.Only("norm_type", "2", "2.0");
        run.Args.Only("scale_grad_by_freq", "false");
        run.Args.Only("sparse", "false", "true");
        run.Give(Ops.Embedding(run.Input("ids", "input"), weight, padding < 0 ? padding + weight.Shape[0] : padding));
    }

    private static void TiedHead(OpRun run)
    {
        Tensor weight = run.Input("weight");
        run.Give(Ops.MatMul(Ops.Tanh(Ops.Embedding(run.Input("ids"), weight)), weight, transposeB: true));
    }

    /// <summary>x·Wᵀ + scale·(x·Aᵀ)·Bᵀ with W in GGUF blocks or NF4.</summary>
    private static void QuantizedLora(OpRun run)
    {
        Tensor x = run.Input("x");
        Tensor weight = QuantizedWeight(run);
        Tensor update = Ops.Linear(Ops.Linear(x, run.Input("lora_A")), run.Input("lora_B"));
        run.Give(Ops.Add(Ops.Linear(x, weight), Ops.Scale(update, (float)run.Args.Number("scale", 1))));
        run.Give("dequantized", Ops.Cast(weight, DType.F32));
    }

    private static Tensor QuantizedWeight(OpRun run)
    {
        string name = run.Args.Text("base");
        Shape shape = Shape.Create(run.Args.Ints("shape", 2));
        if (name == "NF4")
        {
            int block = run.Args.Int("block_size", NormalFloat4.DefaultBlock);
            return NormalFloatVerbs.Decode(run.Input("packed"), run.Input("absmax"), shape, block);
        }

        if (!Enum.TryParse(name, ignoreCase: false, out DType type) || !type.IsQuantized())
        {
            throw new NotUnderstoodException($"there is no linear layer over '{name}' weights");
        }

        run.Args.Only("block_size", type.BlockElements().ToString(CultureInfo.InvariantCulture));
        return Tensor.FromBytes(run.Input("blocks").Bytes(), shape, type);
    }
}
