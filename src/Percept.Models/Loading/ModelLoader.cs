using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Models;

/// <summary>Loads models from folders and files.</summary>
public static class ModelLoader
{
    /// <summary>Loads the model of a folder, strictly: every tensor must be asked for, and every one asked for must be there.</summary>
    /// <param name="path">A folder with <c>config.json</c> and weights, or a folder or file of a kind that needs none (OpenAI's
    /// CLIP); a folder with an adapter, whose model is loaded with it.</param>
    /// <param name="options">How weights are taken.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">Files are damaged or do not fit each other.</exception>
    /// <exception cref="NotSupportedException">The model, or one of its settings, is unknown.</exception>
    public static LoadedModel Load(string path, LoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (AdapterFolder.Is(path))
        {
            if ((options as ModelLoadOptions)?.Adapters is not null)
            {
                throw new NotSupportedException(
                    $"'{path}' is an adapter itself, and others are to stand beside it. Load the model under them, with all as its adapters.");
            }

            var adapters = new AdapterSet(Adapter.Open(path, trained: options?.Trainable ?? false));
            return Load(AdapterFolder.BaseOf(path), new ModelLoadOptions(options) { Adapters = adapters }) with { Path = path };
        }

        if (GgufLoading.FileOf(path) is { } file)
        {
            using ModelFiles files = GgufLoading.Open(file, options);
            return Make(files);
        }

        return Load(path, Described(path), options);
    }

    /// <summary>The configuration of the model at a path, whose weights are not read.</summary>
    /// <param name="path">A path as <see cref="Load(string, LoadOptions?)"/> takes it; of an adapter's folder it is that of the model under it.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">Files are damaged or do not fit each other.</exception>
    public static ConfigReader Configuration(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = AdapterFolder.BaseOf(path);
        if (GgufLoading.FileOf(path) is { } file)
        {
            using ModelFiles files = GgufLoading.Open(file, null);
            return files.Config;
        }

        return Described(path);
    }

    /// <summary>The GGUF files of the model at a path, the tower's behind the language model's; none where it stands in other files.</summary>
    /// <param name="path">A path as <see cref="Load(string, LoadOptions?)"/> takes it.</param>
    public static IReadOnlyList<string> GgufFiles(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return GgufLoading.FileOf(AdapterFolder.BaseOf(path)) is not { } file ? []
            : GgufCompanions.Find(file) is { } tower && tower != file ? [file, tower] : [file];
    }

    /// <summary>Loads a model whose configuration is given.</summary>
    /// <param name="path">Where the weights are.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="options">How weights are taken.</param>
    public static LoadedModel Load(string path, ConfigReader config, LoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        using var files = new ModelFiles(path, config, options);
        return Make(files);
    }

    /// <summary>
    /// The tensors that a configuration asks for, with their shapes and the names that they have in a new checkpoint; nothing
    /// is read. What a checkpoint may lack is left out: a tied head, weights fused into one.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <exception cref="InvalidDataException">The configuration makes no model.</exception>
    /// <exception cref="NotSupportedException">The model, or one of its settings, is unknown.</exception>
    public static IReadOnlyList<TakenTensor> NeededBy(ConfigReader config)
    {
        ArgumentNullException.ThrowIfNull(config);
        using var files = new ModelFiles(config.File, config, [(new InventedSource(config.File, IsProjection), KeyMap.Identity)]);
        return Make(files).Report.Taken;
    }

    /// <summary>The configuration of a folder or file that is neither an adapter's nor GGUF.</summary>
    private static ConfigReader Described(string path)
    {
        string described = Path.Combine(path, "config.json");
        ConfigReader? bare = File.Exists(described) || !Path.Exists(path) ? null : BareCheckpoints.Describe(path);
        return bare ?? ConfigReader.Read(described);
    }

    /// <summary>Towers in one space with others have a projection, which a tower's own checkpoint may lack.</summary>
    private static bool IsProjection(string name) => name is "visual_projection.weight" or "text_projection.weight";

    private static LoadedModel Make(ModelFiles files)
    {
        ConfigReader config = files.Config;
        string type = config.FindText("model_type", "seed_class") ?? throw new InvalidDataException(
            $"'{config.File}' has no 'model_type'. Use the configuration that was published with the weights.");
        ModelFamily family = ModelFamilies.Find(type, config.File);
        using GradientSwitch off = Gradients.Off();
        using ScopeSuspension outside = TensorScope.Suspend();
        return new LoadedModel(files.Path, type, Make(family, files, type), files.Finish(), config.Unread)
        {
            Prompt = (files.Options as ModelLoadOptions)?.Adapters?.Active?.Prompt,
            Adapters = (files.Options as ModelLoadOptions)?.Adapters,
        };
    }

    private static object Make(ModelFamily family, ModelFiles files, string type)
    {
        try
        {
            return family.Make(files);
        }
        catch (Exception error) when (error is ArithmeticException or ArgumentException)
        {
            // Sizes of which no shape can be made, each of them a number that could be meant.
            throw new InvalidDataException(
                $"'{files.Config.File}' has settings that make no model of type '{type}': {error.Message} " +
                "Use the configuration that was published with the weights.",
                error);
        }
    }
}
