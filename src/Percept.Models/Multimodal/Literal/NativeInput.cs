using Percept.Tensors;

namespace Percept.Models;

/// <summary>One kind of input of a <see cref="NativeMultimodalTransformer"/>: a table or a layer, and positions from 0.</summary>
/// <param name="Name">What it is, for errors.</param>
/// <param name="Table">The table of words [V, D]; null where there is a layer.</param>
/// <param name="Layer">The layer of features; null where there is a table.</param>
/// <param name="Positions">Float32 [n, D].</param>
internal sealed record NativeInput(string Name, Tensor? Table, Linear? Layer, Tensor Positions)
{
    /// <summary>The embeddings of an input: [B, n] or [B, n, features] → [B, n, D]; null for none.</summary>
    internal Tensor? Embed(Tensor? input)
    {
        if (input is not { } given)
        {
            return null;
        }

        int samples = given.Shape[0], count = given.Shape[1];
        if (count > Positions.Shape[0])
        {
            throw new ArgumentException($"There are {count} places of {Name}, and positions for {Positions.Shape[0]}.", nameof(input));
        }

        Tensor embedded = Layer is { } layer
            ? layer.Forward(given)
            : Ops.Reshape(Ops.Embedding(Ops.Reshape(given, [samples * count]), Table!.Value), [samples, count, Positions.Shape[1]]);
        return Ops.Add(embedded, Ops.Narrow(Positions, 0, 0, count));
    }
}
