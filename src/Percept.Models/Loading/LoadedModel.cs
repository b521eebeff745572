using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>A model with its weights.</summary>
/// <param name="Path">The folder or file that it came from.</param>
/// <param name="ModelType">Its <c>model_type</c>.</param>
/// <param name="Model">The model: an <see cref="ILanguageModel"/>, an encoder, …</param>
/// <param name="Report">What it took from the checkpoint.</param>
/// <param name="UnreadKeys">Keys of the configuration that nothing in the model looks at.</param>
public sealed record LoadedModel(
    string Path, string ModelType, object Model, LoadReport Report, IReadOnlyList<string> UnreadKeys)
{
    /// <summary>What an adapter has learned to put before every prompt of the model; null for nothing.</summary>
    public SoftPrompt? Prompt { get; internal set; }

    /// <summary>The adapters that it was loaded with; null for none.</summary>
    public AdapterSet? Adapters { get; internal set; }

    /// <summary>The model as what is needed.</summary>
    /// <typeparam name="T">What is needed.</typeparam>
    /// <exception cref="NotSupportedException">The model is something else.</exception>
    public T As<T>()
        where T : class => Model as T
        ?? throw new NotSupportedException(
            $"'{Path}' holds a model of type '{ModelType}', which cannot do this. Choose a model of another kind.");
}
