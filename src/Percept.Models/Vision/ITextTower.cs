using Percept.Tensors;

namespace Percept.Models;

/// <summary>The text side of a model that puts pictures and texts into one space.</summary>
/// <remarks>Safe for several threads. Results belong to the caller's scope.</remarks>
public interface ITextTower
{
    /// <summary>Runs the tower.</summary>
    /// <param name="ids">I32 or I64 [B, T].</param>
    /// <param name="mask">Integer or Bool [B, T]: 0 where a token is padding; null for none.</param>
    /// <param name="trace">Sees <c>hidden_states.i</c>; null for nobody.</param>
    /// <param name="cancellation">Ends the run between layers.</param>
    /// <exception cref="ArgumentException">The texts are longer than the model has positions for, or shapes do not fit.</exception>
    TextTowerOutput EncodeText(
        Tensor ids, Tensor? mask = null, ForwardTrace? trace = null, CancellationToken cancellation = default);
}
