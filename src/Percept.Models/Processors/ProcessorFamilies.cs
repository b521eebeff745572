namespace Percept.Models;

/// <summary>Every family of processors of whole models: one line each.</summary>
public static class ProcessorFamilies
{
    /// <summary>The families.</summary>
    public static IReadOnlyList<ProcessorFamily> All { get; } =
    [
        .. LlavaKinds.All.Select(kind => new ProcessorFamily(
            [kind.ModelType], [kind.Processor], files => files.Config is { } config && LlavaOriginalSettings.Applies(config)
                ? LlavaOriginalProcessor.Make(files)
                : LlavaProcessor.Make(files, kind))),
        new(LlavaOriginalFamily.ModelTypes, [], LlavaOriginalProcessor.Make),
        new(["shikra"], [], ShikraProcessor.Make),
        .. LanguageFamilies.All.Select(language => new ProcessorFamily(
            [language.ModelType], [], files => new TextProcessor(files.Tokenizer, StopTokens.Find(files, hasMedia: false)))),
    ];

    /// <summary>The family of a model, or where that is not told, of a class.</summary>
    /// <param name="modelType">The <c>model_type</c> of <c>config.json</c>; null where nobody tells.</param>
    /// <param name="processorClass">The <c>processor_class</c> of <c>processor_config.json</c>; null where nobody tells.</param>
    /// <exception cref="NotSupportedException">There is none; the error lists what exists.</exception>
    public static ProcessorFamily Find(string? modelType, string? processorClass)
    {
        foreach (ProcessorFamily family in All)
        {
            if (modelType is not null ? family.ModelTypes.Contains(modelType) : family.Classes.Contains(processorClass ?? string.Empty))
            {
                return family;
            }
        }

        throw new NotSupportedException(modelType is not null
            ? $"There is no processor for models of type '{modelType}'; there are those of " +
              $"{string.Join(", ", All.SelectMany(family => family.ModelTypes).Order(StringComparer.Ordinal))}."
            : $"There is no processor '{processorClass}'; there are " +
              $"{string.Join(", ", All.SelectMany(family => family.Classes).Distinct().Order(StringComparer.Ordinal))}.");
    }
}
