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
        return config.ActivationOf(names[0], config.FindText(names) ?? missing);
    }

    /// <summary>The activation of a name that a configuration holds.</summary>
    /// <param name="config">The configuration, for the error.</param>
    /// <param name="key">The key, for the error.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="NotSupportedException">Percept has no such activation.</exception>
    internal static Activation ActivationOf(this ConfigReader config, string key, string name) =>
        s_names.TryGetValue(name, out Activation activation)
            ? activation
            : throw config.Unsupported(key, name, string.Join(", ", s_names.Keys));

    /// <summary>The first of the names that configurations have for an activation.</summary>
    /// <param name="activation">The activation.</param>
    internal static string NameOf(Activation activation) => s_names.First(pair => pair.Value == activation).Key;

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
    public static Tensor Gate(this Activation activation, Tensor gate, Tensor up) => activation.OfGate() is { } fused
        ? Ops.Gated(gate, up, fused)
        : Ops.Multiply(activation.Apply(gate), up);

    /// <summary>act(gate)·up of a tensor whose last axis holds the gate, then what goes up.</summary>
    /// <param name="activation">The function.</param>
    /// <param name="both">Float32 [..., 2n].</param>
    /// <returns>Float32 [..., n].</returns>
    public static Tensor GateHalves(this Activation activation, Tensor both)
    {
        if (activation.OfGate() is { } fused)
        {
            return Ops.Glu(both, -1, fused, gateFirst: true);
        }

        int half = both.Shape[-1] / 2;
        return Ops.Multiply(activation.Apply(Ops.Narrow(both, -1, 0, half)), Ops.Narrow(both, -1, half, half));
    }

    private static GateActivation? OfGate(this Activation activation) => activation switch
    {
        Activation.Silu => GateActivation.Silu,
        Activation.Gelu => GateActivation.Gelu,
        Activation.GeluTanh => GateActivation.GeluTanh,
        Activation.Relu => GateActivation.Relu,
        Activation.Sigmoid => GateActivation.Sigmoid,
        _ => null,
    };
}
