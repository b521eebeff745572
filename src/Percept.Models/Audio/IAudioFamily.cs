using Percept.Tensors;

namespace Percept.Models;

/// <summary>The processor of one class of audio feature extractors, made for given settings.</summary>
/// <remarks>Holds settings only: any number of threads may call it at once.</remarks>
internal interface IAudioFamily
{
    /// <summary>What becomes of one sound; the features go by the same plan.</summary>
    /// <exception cref="ArgumentException">Sounds of this length are refused.</exception>
    AudioPlan Plan(int samples);

    /// <summary>Makes a model's inputs of waves with one channel.</summary>
    Dictionary<string, Tensor> Run(IReadOnlyList<ReadOnlyMemory<float>> waves, CancellationToken cancellation);
}
