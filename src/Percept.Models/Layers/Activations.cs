using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Reads and applies <see cref="Activation"/>.</summary>
public static class Activations
{
    private static readonly Dictionary<string, Activation> s_names = new(StringComparer.Ordinal)
    {
        ["silu"] = Activation.Silu,
        ["swish"] = Activation.Silu,
        ["gelu"] = Activation.Gelu,
        ["gelu_python"] = Activation.Gelu,
        ["gelu_pytorch_tanh"] = Activation.GeluTanh,
        ["gelu_new"] = Activation.GeluTanh,
        ["gelu_fast"] = Activation.GeluTanh,
        ["gelu_python_tanh"] = Activation.GeluTanh,
        ["gelu_accurate"] = Activation.GeluTanh,
        ["quick_gelu"] = Activation.QuickGelu,
        ["relu"] = Activation.Relu,
        ["relu2"] = Activation.ReluSquared,
        ["tanh"] = Activation.Tanh,
        ["sigmoid"] = Activation.Sigmoid,
        ["linear"] = Activation.None,
    };

    /// <summary>The activation that a configuration names.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="missing">The name that holds when no spelling is there.</param>
    /// <param name="names">The key's spellings.</param>
    /// <exception cref="NotSupportedException">Percept has no such activation.</exception>
    public static Activation ReadActivation(this ConfigReader config, string missing, params ReadOnlySpan<string> names)
    {
        ArgumentNullException.ThrowIfNull(config);
        string name = config.FindText(names) ?? missing;
        return s_names.TryGetValue(name, out Activation activation)
            ? activation
            : throw config.Unsupported(names[0], name, string.Join(", ", s_names.Keys));
    }

    /// <summary>The function of every element.</summary>
    /// <param name="activation">The function.</param>
    /// <param name="input">Float32 of any shape.</param>
    /// <returns>Float32 of the same shape.</returns>
    public static Tensor Apply(this Activation activation, Tensor input) => activation switch
    {
        Activation.Silu => Ops.Silu(input),
        Activation.Gelu => Ops.Gelu(input),
        Activation.GeluTanh => Ops.GeluTanh(input),
        Activation.QuickGelu => Ops.QuickGelu(input),
        Activation.Relu => Ops.Relu(input),
        Activation.ReluSquared => Ops.ReluSquared(input),
        Activation.Tanh => Ops.Tanh(input),
        Activation.Sigmoid => Ops.Sigmoid(input),
        _ => input,
    };

    /// <summary>act(gate)·up.</summary>
    /// <param name="activation">The function.</param>
    /// <param name="gate">Float32 of any shape.</param>
    /// <param name="up">Float32 of the same shape.</param>
    /// <returns>Float32 of the same shape.</returns>
    public static Tensor Gate(this Activation activation, Tensor gate, Tensor up) => activation switch
    {
        Activation.Silu => Ops.Gated(gate, up, GateActivation.Silu),
        Activation.Gelu => Ops.Gated(gate, up, GateActivation.Gelu),
        Activation.GeluTanh => Ops.Gated(gate, up, GateActivation.GeluTanh),
        Activation.Relu => Ops.Gated(gate, up, GateActivation.Relu),
        Activation.Sigmoid => Ops.Gated(gate, up, GateActivation.Sigmoid),
        _ => Ops.Multiply(activation.Apply(gate), up),
    };
}
