using Percept.Tensors;

namespace Percept.Models;

/// <summary>The processor of one class of audio feature extractors, made for given settings.</summary>
/// <remarks>Holds settings only: any number of threads may call it at once.</remarks>
internal interface IAudioFamily
{
    /// <summary>Makes a model's inputs of waves with one channel.</summary>
    Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation);
}
