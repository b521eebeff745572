using System.Text.Json;

namespace Percept.Models;

/// <summary>Loads the processor of a whole model: what turns a conversation with media into what the model takes.</summary>
public static class ProcessorLoader
{
    /// <summary>Loads the processor of a checkpoint's folder.</summary>
    /// <param name="folder">
    /// A folder with the tokenizer's files and <c>config.json</c>, or where that is missing, <c>processor_config.json</c>; or a
    /// GGUF file, beside which the vision tower is looked for.
    /// </param>
    /// <param name="overrides">Settings of its image and video processors that hold instead of the files'; null for none.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">Files are damaged or do not fit each other.</exception>
    /// <exception cref="NotSupportedException">The model, its processor or a setting is not supported.</exception>
    public static IProcessor Load(string folder, JsonElement? overrides = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        folder = AdapterFolder.BaseOf(folder);
        if (GgufLoading.FileOf(folder) is { } file)
        {
            return GgufProcessor.Load(file);
        }

        var files = new ProcessorFiles(folder, overrides);
        if (files.ModelType is null && files.ProcessorClass is null)
        {
            throw new FileNotFoundException(
                $"'{folder}' has neither a 'config.json' with a 'model_type' nor a 'processor_config.json' with a " +
                "'processor_class'. Name the folder of a downloaded model.",
                Path.Combine(folder, "config.json"));
        }

        return ProcessorFamilies.Find(files.ModelType, files.ProcessorClass).Make(files);
    }
}
