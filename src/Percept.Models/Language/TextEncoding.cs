using Percept.Tensors;

namespace Percept.Models;

/// <summary>What a text encoder makes of a batch of texts.</summary>
/// <param name="States">The state of each token, float32 [N, hidden]: the reference's <c>last_hidden_state</c>.</param>
/// <param name="Pooled">The state of each text, float32 [B, hidden]: <c>pooler_output</c>; null where the model has none.</param>
public readonly record struct TextEncoding(Tensor States, Tensor? Pooled);
