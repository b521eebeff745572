using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>A model that is trained: which of its weights, and what stands beside them.</summary>
/// <remarks>For one thread, but for its processor.</remarks>
public sealed class TrainedModel
{
    // Micro-batches of one step draw different random numbers.
    private const ulong MostMicroBatches = 1 << 20;

    private TrainedModel(
        string folder, ConfigReader config, LoadedModel loaded, IProcessor? processor, Adapter? adapter, AdapterSet? set,
        bool hasValues = false)
    {
        Folder = folder;
        Loaded = loaded;
        Processor = processor;
        Adapter = adapter;
        Adapters = set;
        Parts = ModelParts.Of(config);
        Multimodal = loaded.Model as IMultimodalModel;
        Language = Multimodal?.Language ?? (loaded.Model as DecoderClassifier)?.Language ?? loaded.Model as ILanguageModel;
        ValueHead = hasValues ? new ValueHead(NeedLanguage().HiddenSize) : null;
        Parameters = adapter is null && ValueHead is null
            ? loaded.Report.Trained
            : [.. loaded.Report.Trained, .. adapter?.Parameters ?? [], .. ValueHead?.Parameters ?? []];
    }

    /// <summary>The folder that it was loaded from.</summary>
    public string Folder { get; }

    /// <summary>The model.</summary>
    public LoadedModel Loaded { get; }

    /// <summary>Its processor; null where the folder has none.</summary>
    public IProcessor? Processor { get; }

    /// <summary>The model as one that takes media; null where it is none.</summary>
    public IMultimodalModel? Multimodal { get; }

    /// <summary>The language model, which has no head for tokens in a classifier; null where there is none.</summary>
    public ILanguageModel? Language { get; }

    /// <summary>The adapter that is trained; null for none.</summary>
    public Adapter? Adapter { get; }

    /// <summary>The adapter as what can be turned off; null for none.</summary>
    public AdapterSet? Adapters { get; }

    /// <summary>Tells the parts of weights.</summary>
    public ModelParts Parts { get; }

    /// <summary>What says how much a policy will still earn; null for losses that do not ask for it.</summary>
    internal ValueHead? ValueHead { get; }

    /// <summary>The weights that are trained: the model's own, and those of its adapter and of its value head.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="recipe">Which parts are trained.</param>
    /// <param name="folder">Where the model is.</param>
    /// <param name="adapterFolder">Where its adapter is; null for a new one, or none.</param>
    /// <exception cref="InvalidDataException">A part of the recipe is not in the model, or files do not fit.</exception>
    public static TrainedModel Load(Recipe recipe, string folder, string? adapterFolder = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ConfigReader config = ModelLoader.Configuration(folder);
        var choice = new PartChoice(recipe, ModelParts.Of(config));
        Adapter? adapter = choice.MakeAdapter(folder, adapterFolder);
        AdapterSet? set = adapter is null ? null : new AdapterSet(adapter);
        var options = new ModelLoadOptions(new LoadOptions
        {
            Trains = choice.Trains,
            Precision = recipe.FastProducts ? LinearPrecision.Mixed : LinearPrecision.Exact,
        })
        {
            Adapters = set,
        };
        LoadedModel loaded = ModelLoader.Load(folder, options);
        choice.Check(folder, loaded.Report, adapter);
        if (adapter is null && loaded.Report.Trained.Count > 0 && ModelLoader.GgufFiles(folder).Count > 0)
        {
            throw new NotSupportedException(
                $"'{folder}' is a GGUF file, of which no other is written by training. Set the parts to lora or to another adapter, or convert it to "
                + "safetensors first ('percept convert').");
        }

        if (adapter is { Config.IsPrompt: true, Prompt: null })
        {
            adapter.BeginPrompt(loaded);
        }

        if (recipe.Recompute && (loaded.Model as ILanguageModel ?? (loaded.Model as IMultimodalModel)?.Language)?.Balance is not null)
        {
            throw new NotSupportedException(
                $"'{folder}' learns to spread tokens over experts by what its routers say (output_router_logits), which layers that run again "
                + "do not tell. Set recompute: false, or output_router_logits to false in config.json.");
        }

        adapter?.Config.WholeParts = [.. loaded.Report.Trained.Select(parameter => ModuleOf(parameter.Name)).Distinct()];
        return new TrainedModel(folder, config, loaded, FindProcessor(folder), adapter, set, recipe.Loss.Kind == "ppo");
    }

    /// <summary>Loads a model of which nothing is trained; its weights are read where they lie in the file.</summary>
    /// <param name="folder">Where the model is, or its adapter.</param>
    public static TrainedModel LoadFrozen(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ConfigReader config = ModelLoader.Configuration(folder);
        return new TrainedModel(folder, config, ModelLoader.Load(folder), FindProcessor(folder), null, null);
    }

    /// <summary>The processor, which a loss over conversations needs.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public IProcessor NeedProcessor() => Processor ?? throw new NotSupportedException(
        $"'{Folder}' has no tokenizer or processor, which this loss needs. Copy the tokenizer's files into the folder.");

    /// <summary>The language model, which a loss over tokens needs.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public ILanguageModel NeedLanguage() => Language ?? throw new NotSupportedException(
        $"'{Folder}' holds a model of type '{Loaded.ModelType}', which writes no text. Choose another loss, or another model.");

    /// <summary>The model as one that gives a text one number.</summary>
    /// <exception cref="NotSupportedException">It is none.</exception>
    internal ISequenceClassifier NeedRewards() => Loaded.Model is DecoderClassifier { Classes: 1 } classifier
        ? classifier
        : throw new NotSupportedException(
            $"'{Folder}' holds a model of type '{Loaded.ModelType}' with " +
            (Loaded.Model is ISequenceClassifier other ? $"{other.Classes} classes" : "no head for texts") +
            ", expected a decoder with one number for a text ('score' of 1 row). Train one by a recipe with loss.kind: reward.");

    /// <summary>Begins a micro-batch: dropout draws anew.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="microBatch">The micro-batch of the step, from 0.</param>
    public void BeginMicroBatch(long step, int microBatch) =>
        Adapter?.BeginStep(((ulong)step * MostMicroBatches) + (ulong)microBatch);

    /// <summary>Ends training for now: nothing is dropped.</summary>
    public void EndSteps() => Adapter?.BeginStep(null);

    private static IProcessor? FindProcessor(string folder)
    {
        try
        {
            return ProcessorLoader.Load(folder);
        }
        catch (Exception error) when (error is FileNotFoundException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The module that an adapter's file names as trained whole: the first word, or two where the first is the model itself.</summary>
    private static string ModuleOf(string name)
    {
        string[] words = name.Split('.');
        int last = Array.FindLastIndex(words, word => word is "weight" or "bias");
        int count = words[0] is "model" or "language_model" or "vision_tower" ? last : 1;
        return string.Join('.', words.Take(Math.Max(1, count)));
    }
}
