using Percept.Data;

namespace Percept.Training;

/// <summary>
/// What a training run does, as data: the model and which parts of it train, the datasets, the loss, the optimizer and its schedule.
/// It is read from YAML; <c>docs/recipes.md</c> lists every key.
/// </summary>
public sealed record Recipe
{
    /// <summary>What the run is called.</summary>
    public required string Name { get; init; }

    /// <summary>The model.</summary>
    public required ModelRecipe Model { get; init; }

    /// <summary>How parts of it are trained; what is not named is frozen.</summary>
    public required IReadOnlyList<PartRecipe> Parts { get; init; }

    /// <summary>Expressions; weights whose names fit one stay frozen in any part.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>The datasets.</summary>
    public required IReadOnlyList<DataRecipe> Data { get; init; }

    /// <summary>The loss.</summary>
    public required LossRecipe Loss { get; init; }

    /// <summary>The optimizer.</summary>
    public required OptimizerRecipe Optimizer { get; init; }

    /// <summary>How the learning rate changes.</summary>
    public required ScheduleRecipe Schedule { get; init; }

    /// <summary>How many samples a step takes.</summary>
    public required BatchRecipe Batch { get; init; }

    /// <summary>How many steps there are; null where <see cref="Epochs"/> says it.</summary>
    public int? Steps { get; init; }

    /// <summary>How many times the data are gone through; null where <see cref="Steps"/> says it.</summary>
    public double? Epochs { get; init; }

    /// <summary>The greatest norm of all gradients together; 0 for no bound.</summary>
    public double ClipNorm { get; init; }

    /// <summary>The decay of the running average of the weights that is kept beside them; null for none.</summary>
    public double? Average { get; init; }

    /// <summary>Whether layers keep only what enters them and run again in the backward pass.</summary>
    public bool Recompute { get; init; }

    /// <summary>Whether the machine's fastest products are taken rather than those of float32: see <see cref="Tensors.LinearPrecision.Mixed"/>.</summary>
    public bool FastProducts { get; init; }

    /// <summary>Where prepared conversations are kept.</summary>
    public CacheRecipe Cache { get; init; } = new();

    /// <summary>Where all random numbers begin.</summary>
    public ulong Seed { get; init; }

    /// <summary>How closely all datasets are looked at before the first step; null for not at all.</summary>
    public MediaCheck? Validation { get; init; }

    /// <summary>Which samples are looked at meanwhile.</summary>
    public required SamplesRecipe Samples { get; init; }

    /// <summary>When the state is written.</summary>
    public required CheckpointRecipe Checkpoints { get; init; }

    /// <summary>What ends a run that goes wrong.</summary>
    public required StopRecipe Stop { get; init; }

    /// <summary>After how many steps the report is written again.</summary>
    public int ReportEvery { get; init; } = 50;

    /// <summary>The recipe as YAML, with every value that holds.</summary>
    public required string Yaml { get; init; }

    /// <summary>Reads a recipe.</summary>
    /// <param name="path">The file.</param>
    /// <param name="changes">Values that hold instead: <c>batch.samples=4</c>, <c>data.0.path=a.json</c>.</param>
    /// <exception cref="InvalidDataException">It is no recipe; the message names file, line and the nearest key.</exception>
    public static Recipe Read(string path, IEnumerable<string>? changes = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Parse(File.ReadAllText(path), path, changes);
    }

    /// <summary>Reads the text of a recipe.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="file">The file, for errors.</param>
    /// <param name="changes">Values that hold instead.</param>
    /// <exception cref="InvalidDataException">It is no recipe.</exception>
    public static Recipe Parse(string yaml, string file, IEnumerable<string>? changes = null)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        ArgumentNullException.ThrowIfNull(file);
        RecipeNode root = RecipeYaml.Parse(yaml, file);
        string[] given = [.. changes ?? []];
        bool hasSteps = given.Any(change => change.StartsWith("steps=", StringComparison.Ordinal));
        bool hasEpochs = given.Any(change => change.StartsWith("epochs=", StringComparison.Ordinal));
        if (hasSteps != hasEpochs)
        {
            // Only one of both can hold.
            RecipeChange.Apply(root, hasSteps ? "epochs=null" : "steps=null");
        }

        foreach (string change in given)
        {
            RecipeChange.Apply(root, change);
        }

        return RecipeReader.Read(new RecipeSection(file, string.Empty, root));
    }
}
