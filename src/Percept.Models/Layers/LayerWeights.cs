using Percept.Checkpoints;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Takes layers out of a checkpoint.</summary>
public static class LayerWeights
{
    /// <summary>A linear layer: <c>name.weight</c> [out, in] and <c>name.bias</c> [out].</summary>
    /// <param name="weights">Where it stands.</param>
    /// <param name="name">Its name from there.</param>
    /// <param name="outputs">Rows of the weight.</param>
    /// <param name="inputs">Columns of the weight.</param>
    /// <param name="bias">Whether it has a bias.</param>
    public static Linear Linear(this WeightScope weights, string name, int outputs, int inputs, bool bias = true)
    {
        WeightScope layer = weights[name];
        return layer.Adapted(layer.Take("weight", [outputs, inputs]), bias ? layer.Float("bias", [outputs]) : null);
    }

    /// <summary>A linear layer whose bias is there or not, as the checkpoint has it.</summary>
    /// <param name="weights">Where it stands.</param>
    /// <param name="name">Its name from there.</param>
    /// <param name="outputs">Rows of the weight.</param>
    /// <param name="inputs">Columns of the weight.</param>
    public static Linear LinearAsStored(this WeightScope weights, string name, int outputs, int inputs) =>
        weights.Linear(name, outputs, inputs, weights[name].Has("bias"));

    /// <summary>A linear layer stored as [in, out] (GPT-2's <c>Conv1D</c>): its weight is turned round in memory.</summary>
    /// <param name="weights">Where it stands.</param>
    /// <param name="name">Its name from there.</param>
    /// <param name="outputs">Columns of the stored weight.</param>
    /// <param name="inputs">Rows of the stored weight.</param>
    /// <exception cref="NotSupportedException">Weights are taken to be trained: what is turned round is a copy.</exception>
    public static Linear LinearTransposed(this WeightScope weights, string name, int outputs, int inputs)
    {
        WeightScope layer = weights[name];
        if (layer.Trains("weight"))
        {
            throw new NotSupportedException(
                $"'{layer.Prefix}weight' is stored [in, out] and turned round when it is loaded; such a model's own weights can't be " +
                "trained. Train an adapter over it.");
        }

        return layer.Adapted(Ops.Transpose(layer.Float("weight", [inputs, outputs])), layer.Float("bias", [outputs]));
    }

    /// <summary>A layer of a weight that was taken, with the adapters that there are for it.</summary>
    private static Linear Adapted(this WeightScope layer, Tensor weight, Tensor? bias) =>
        (layer.Options as ModelLoadOptions)?.Adapters?.Attach(layer, weight, bias)
        ?? new Linear(weight, bias, layer.Options.Precision);

    /// <summary>An RMS norm: <c>name.weight</c> [size].</summary>
    /// <param name="weights">Where it stands.</param>
    /// <param name="name">Its name from there.</param>
    /// <param name="size">How many channels.</param>
    /// <param name="eps">What is added to the mean square.</param>
    /// <param name="unitOffset">Whether the stored weight is the factor less 1.</param>
    public static Norm RmsNorm(this WeightScope weights, string name, int size, float eps, bool unitOffset = false) =>
        Norm.Rms(weights[name].Float("weight", [size]), eps, unitOffset);

    /// <summary>A layer norm: <c>name.weight</c> and <c>name.bias</c> [size].</summary>
    /// <param name="weights">Where it stands.</param>
    /// <param name="name">Its name from there.</param>
    /// <param name="size">How many channels.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="bias">Whether it has a bias.</param>
    public static Norm LayerNorm(this WeightScope weights, string name, int size, float eps, bool bias = true)
    {
        WeightScope layer = weights[name];
        return Norm.Layer(layer.Float("weight", [size]), bias ? layer.Float("bias", [size]) : null, eps);
    }

    /// <summary>A norm without weights, or one that <see cref="LayerNorm"/> takes.</summary>
    /// <param name="weights">Where it stands.</param>
    /// <param name="name">Its name from there.</param>
    /// <param name="size">How many channels.</param>
    /// <param name="eps">What is added to the variance.</param>
    /// <param name="affine">Whether it has a weight and a bias.</param>
    internal static Norm LayerNormIf(this WeightScope weights, string name, int size, float eps, bool affine) =>
        affine ? weights.LayerNorm(name, size, eps) : Norm.Layer(null, null, eps);

    /// <summary>The head of a model: a layer of its own, or the table of tokens.</summary>
    /// <param name="weights">Where it stands.</param>
    /// <param name="name">Its name from there.</param>
    /// <param name="tokens">The table [V, D].</param>
    /// <param name="tied">Whether the table serves where the file has no head.</param>
    /// <remarks>A file may hold the tied head too; then it is the same table.</remarks>
    internal static Linear Head(this WeightScope weights, string name, Tensor tokens, bool tied)
    {
        WeightScope head = weights[name];
        return tied && !head.Has("weight")
            ? new Linear(tokens, head.FindFloat("bias", [tokens.Shape[0]]), weights.Options.Precision)
            : weights.LinearAsStored(name, tokens.Shape[0], tokens.Shape[1]);
    }

    /// <summary>A tensor that files hold under one or several of some names; all that are there count as taken.</summary>
    /// <param name="weights">Where it stands.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="names">The names, the one that counts first.</param>
    internal static Tensor Shared(this WeightScope weights, Shape shape, params ReadOnlySpan<string> names)
    {
        Tensor found = default;
        foreach (string name in names)
        {
            if (weights.Has(name))
            {
                Tensor taken = weights.Take(name, shape);
                found = found.IsNone ? taken : found;
            }
        }

        return found.IsNone ? weights.Take(names[0], shape) : found;
    }
}
