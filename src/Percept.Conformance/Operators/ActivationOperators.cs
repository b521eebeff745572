using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Activations of one tensor, and gated ones.</summary>
internal static class ActivationOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("activation", static run => run.Give(Find(run.Args.Text("name"))(run.Input("x", "input")))),
        ("gelu", Gelu),
        ("gelu_tanh", static run => Give(run, Ops.GeluTanh)),
        ("quick_gelu", static run => Give(run, Ops.QuickGelu)),
        ("silu", static run => Give(run, Ops.Silu)),
        ("relu", static run => Give(run, Ops.Relu)),
        ("relu6", static run => Give(run, Ops.Relu6)),
        ("relu_squared", static run => Give(run, Ops.ReluSquared)),
        ("squared_relu", static run => Give(run, Ops.ReluSquared)),
        ("tanh", static run => Give(run, Ops.Tanh)),
        ("sigmoid", static run => Give(run, Ops.Sigmoid)),
        ("log_sigmoid", static run => Give(run, Ops.LogSigmoid)),
        ("softplus", Softplus),
        ("mish", static run => Give(run, Ops.Mish)),
        ("hard_swish", static run => Give(run, Ops.HardSwish)),
        ("hardswish", static run => Give(run, Ops.HardSwish)),
        ("hardsigmoid", static run => Give(run, Ops.HardSigmoid)),
        ("elu", static run => run.Give(Ops.Elu(run.Input("input", "x"), (float)run.Args.Number("alpha", 1)))),
        ("selu", static run => Give(run, Ops.Selu)),
        ("leaky_relu", static run =>
            run.Give(Ops.LeakyRelu(run.Input("input", "x"), (float)run.Args.Number("negative_slope", 0.01)))),
        ("softcap", static run => run.Give(Ops.Softcap(run.Input("input", "x"), (float)run.Args.Number("cap")))),
        ("swiglu", static run => run.Give(Ops.SwiGlu(run.Input("gate"), run.Input("up")))),
        ("geglu", static run => GatedGelu(run, GateActivation.Gelu)),
        ("geglu_tanh", static run => GatedGelu(run, GateActivation.GeluTanh)),
        ("glu", static run => run.Give(Ops.Glu(run.Input("input", "x"), run.Args.Int("dim", -1)))),
    ];

    /// <summary>An activation by the name that model configurations use.</summary>
    /// <exception cref="NotUnderstoodException">There is no such activation.</exception>
    private static Func<Tensor, Tensor> Find(string name) => name switch
    {
        "silu" or "swish" => Ops.Silu,
        "gelu" or "gelu_python" => Ops.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" or "gelu_accurate" or "gelu_python_tanh" => Ops.GeluTanh,
        "quick_gelu" => Ops.QuickGelu,
        "relu" => Ops.Relu,
        "relu2" => Ops.ReluSquared,
        "relu6" => Ops.Relu6,
        "tanh" => Ops.Tanh,
        "sigmoid" => Ops.Sigmoid,
        "mish" => Ops.Mish,
        "leaky_relu" => static x => Ops.LeakyRelu(x),
        "hardswish" => Ops.HardSwish,
        "hardsigmoid" => Ops.HardSigmoid,
        "softplus" => Ops.Softplus,
        "elu" => static x => Ops.Elu(x),
        "selu" => Ops.Selu,
        "linear" => static x => x,
        _ => throw new NotUnderstoodException($"there is no activation '{name}'"),
    };

    private static void Give(OpRun run, Func<Tensor, Tensor> activation) =>
        run.Give(activation(run.Input("input", "x")));

    private static void Gelu(OpRun run) =>
        Give(run, run.Args.Choice("approximate", "none", "none", "tanh") == "tanh" ? Ops.GeluTanh : Ops.Gelu);

    private static void Softplus(OpRun run)
    {
        float beta = (float)run.Args.Number("beta", 1);
        float threshold = (float)run.Args.Number("threshold", 20);
        Tensor input = run.Input("input", "x");
        run.Give(beta == 1 && threshold == 20 ? Ops.Softplus(input) : Ops.Softplus(input, beta, threshold));
    }

    /// <summary>
    /// Of two tensors gate and up, or of one whose first half is the value and whose second half is the gate.
    /// </summary>
    private static void GatedGelu(OpRun run, GateActivation activation) => run.Give(run.Optional("gate") is { } gate
        ? Ops.Gated(gate, run.Input("up"), activation)
        : Ops.Glu(run.Input("input", "x"), run.Args.Int("dim", -1), activation));
}
