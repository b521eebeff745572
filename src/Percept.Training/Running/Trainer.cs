using Percept.Checkpoints;
using Percept.Data;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Memory;

namespace Percept.Training;

/// <summary>
/// Trains a model as a recipe says. Everything is in the run's folder from the first step on, and a run that was stopped or killed goes on
/// from its newest checkpoint as if nothing had happened, to the last bit.
/// </summary>
/// <remarks>
/// One thread computes, the one that calls <see cref="Run"/>; others prepare samples ahead. What a step computes follows from the recipe, the
/// data and the number of the step alone.
/// </remarks>
public sealed partial class Trainer : IDisposable
{
    private readonly TrainedModel _model;
    private readonly IObjective _objective;
    private readonly Optimizer _optimizer;
    private readonly WeightAverage? _average;
    private readonly LearningRateSchedule _schedule;
    private readonly IReadOnlyList<MixSource> _sources;
    private readonly SampleLengths _lengths;
    private readonly TrainingLog _log;
    private readonly SampleAnswers _answers;
    private readonly HeldOutLoss _heldOut;
    private readonly LossWatch _watch;
    private readonly GradientCheck _gradients;
    private FeedPosition? _position;
    private long _skipped;

    private Trainer(Recipe recipe, RunFolder folder, string origin, string? checkpoint)
    {
        Recipe = recipe;
        Folder = folder;
        bool hasAdapter = recipe.Parts.Any(part => part.Training == PartTraining.Lora);
        _model = TrainedModel.Load(recipe, checkpoint is null || hasAdapter ? origin : checkpoint, hasAdapter ? checkpoint : null);
        _optimizer = OptimizerFactory.Make(recipe, _model);
        _average = recipe.Average is { } decay
            ? new WeightAverage(_model.Parameters, new WeightAverageOptions { Kind = WeightAverageKind.Growing, Decay = decay })
            : null;
        _objective = MakeObjective(recipe, _model, origin);
        _sources = RecipeData.Open(recipe.Data);
        _lengths = new SampleLengths(recipe, _model, _sources);
        if (checkpoint is not null)
        {
            TrainingState state = TrainingCheckpoint.ReadState(checkpoint);
            TrainingCheckpoint.Restore(checkpoint, _optimizer, _average, state);
            TrainingCheckpoint.RestoreValues(checkpoint, _model.ValueHead);
            (Step, _position) = (state.Step, state.Data);
        }

        long epoch = new DatasetMix(_sources, new MixOptions { Epochs = null }).EpochLength;
        int perStep = recipe.Batch.Samples * recipe.Batch.Accumulate;
        Steps = recipe.Steps ?? (int)Math.Ceiling(recipe.Epochs!.Value * epoch / perStep);
        _schedule = recipe.Schedule.Make(recipe.Optimizer.LearningRate, Steps);
        _answers = new SampleAnswers(_model, recipe, folder.Answers, LookedAt(), Step);
        _heldOut = new HeldOutLoss(recipe, _objective);
        _gradients = new GradientCheck(_model);
        Plan = new TrainingPlanner(recipe, _model, _optimizer, _objective, _sources, _lengths).Make(Steps, validates: checkpoint is null);
        _log = TrainingLog.Open(folder.Log, Step);
        _watch = new LossWatch(recipe.Stop, _objective.MayReachZero);
        foreach (TrainingProgress step in _log.Steps.TakeLast(recipe.Stop.Window))
        {
            _watch.Note(step.Loss);
        }
    }

    /// <summary>The recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>The run's folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>What the run is going to do.</summary>
    public TrainingPlan Plan { get; }

    /// <summary>The model that is trained.</summary>
    public TrainedModel Model => _model;

    /// <summary>How many steps are done.</summary>
    public int Step { get; private set; }

    /// <summary>How many steps the run has.</summary>
    public int Steps { get; }

    /// <summary>Begins a run.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="folder">The run's folder; one that holds a run already is refused.</param>
    /// <exception cref="InvalidDataException">Recipe, model and data do not fit, or samples are bad; the message says which.</exception>
    /// <exception cref="IOException">The folder holds a run already, or cannot be written.</exception>
    public static Trainer Start(Recipe recipe, string folder)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var run = new RunFolder(folder);
        if (run.Latest() is { } there)
        {
            throw new IOException($"'{run.Root}' holds a run already, up to '{Path.GetFileName(there)}'. Resume it, or name another folder.");
        }

        Directory.CreateDirectory(run.Checkpoints);
        run.Clean();
        AtomicFile.Write(run.Recipe, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(recipe.Yaml)));
        return Planned(recipe, run, null);
    }

    /// <summary>Goes on with a run from its newest checkpoint, or from its beginning where it has none.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="FileNotFoundException">The folder holds no run.</exception>
    /// <exception cref="InvalidDataException">The data or the recipe have changed.</exception>
    public static Trainer Resume(string folder)
    {
        var run = new RunFolder(folder);
        if (!File.Exists(run.Recipe))
        {
            throw new FileNotFoundException($"'{run.Root}' holds no run: there is no recipe.yaml. Name the folder of a run.", run.Recipe);
        }

        run.Clean();
        Directory.CreateDirectory(run.Checkpoints);
        Recipe recipe = Recipe.Read(run.Recipe);
        return Planned(recipe, run, run.Latest());
    }

    /// <summary>Runs all steps that are left.</summary>
    /// <param name="progress">Told after each step; null for nobody.</param>
    /// <param name="cancellation">Ends the run after a step; its state is written first.</param>
    /// <exception cref="TrainingStoppedException">The loss or the gradients show that the run goes wrong; the samples are named.</exception>
    /// <exception cref="PreparationException">A sample cannot be prepared.</exception>
    public TrainingResult Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        using LayerRecomputation.Switch recomputation = LayerRecomputation.Set(Recipe.Recompute);
        using var feed = new DataFeed(Recipe, _sources, _objective, _lengths.Of, _position, CancellationToken.None);
        TensorMemory.ResetPeak();
        try
        {
            while (Step < Steps && !cancellation.IsCancellationRequested)
            {
                TrainingProgress done = RunStep(feed);
                _log.Add(done);
                progress?.Report(done);
                bool last = Step == Steps;
                if (!last && Recipe.Checkpoints.Every > 0 && Step % Recipe.Checkpoints.Every == 0)
                {
                    WriteCheckpoint();
                }

                if (last || Step % Recipe.ReportEvery == 0 || _log.Steps.Count == 1)
                {
                    Report(last ? "finished" : "training");
                }
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Report("stopped: " + error.Message);
            throw;
        }

        return End();
    }

    /// <summary>Frees the optimizer's state and what was prepared; the model stays usable.</summary>
    public void Dispose()
    {
        _log.Dispose();
        _heldOut.Dispose();
        _objective.Dispose();
        _average?.Dispose();
        _optimizer.Dispose();
    }

    private static Trainer Planned(Recipe recipe, RunFolder run, string? checkpoint)
    {
        var trainer = new Trainer(recipe, run, Origin(recipe, run), checkpoint);
        try
        {
            trainer.Begin();
            return trainer;
        }
        catch
        {
            trainer.Dispose();
            throw;
        }
    }

    private static string Origin(Recipe recipe, RunFolder run)
    {
        if (recipe.Model.FromConfig is not { } from)
        {
            string path = ModelLocator.Resolve(recipe.Model.Path!);
            return recipe.Loss.Kind == "reward" && !RewardModelFolder.IsOne(path) ? RewardModel(path, recipe, run) : path;
        }

        if (!Directory.Exists(run.InitialModel))
        {
            RunFolder.WriteFolder(run.InitialModel, folder => WeightInitializer.Write(
                from, folder, recipe.Model.Initializer, recipe.Model.InitializerRange, recipe.Seed,
                recipe.Parts.Where(part => part.From is not null).ToDictionary(part => part.Name, part => part.From!)));
        }

        return run.InitialModel;
    }

    private static string RewardModel(string path, Recipe recipe, RunFolder run)
    {
        if (!Directory.Exists(run.InitialModel))
        {
            RunFolder.WriteFolder(run.InitialModel, folder => RewardModelFolder.Write(path, folder, recipe.Seed));
        }

        return run.InitialModel;
    }

    private static IObjective MakeObjective(Recipe recipe, TrainedModel model, string origin) => recipe.Loss.Kind switch
    {
        "contrastive" => new ContrastiveObjective(model, recipe.Loss, recipe.Seed),
        "masked_image" => new MaskedImageObjective(model, recipe.Loss, recipe.Seed),
        "preference" when recipe.Loss.Formula == PreferenceObjective.Kto => new KtoObjective(model, recipe.Loss, origin),
        "preference" => new PreferenceObjective(model, recipe.Loss, origin),
        "masked_language" => new MaskedLanguageObjective(model, recipe.Loss, recipe.Seed),
        "reward" => new RewardObjective(model, recipe.Loss),
        "grpo" => new GrpoObjective(model, recipe.Loss, recipe.Seed, origin),
        "ppo" => new PpoObjective(model, recipe.Loss, recipe.Seed, origin),
        "distillation" => new DistillationObjective(model, recipe.Loss),
        _ => new SupervisedObjective(model, recipe.Loss),
    };

    private IReadOnlyList<DatasetSample> LookedAt()
    {
        if (Recipe.Samples.Every == 0 || Recipe.Samples.Answers == 0 || !Recipe.Loss.TakesAnswers)
        {
            return [];
        }

        IReadOnlyList<MixSource> sources = Recipe.Samples.Data.Count > 0 ? RecipeData.Open(Recipe.Samples.Data) : _sources;
        var mix = new DatasetMix(sources, new MixOptions { Shuffles = false });
        return [.. mix.Items().Take(Recipe.Samples.Answers).Select(item => item.Load())];
    }

    /// <summary>Writes the plan, and refuses data that are bad.</summary>
    private void Begin()
    {
        AtomicFile.Write(Folder.Plan, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(Plan.ToString())));
        if (Plan.Problems.Count > 0)
        {
            throw new InvalidDataException(
                $"{Plan.Problems.Count} of {Plan.Validated} samples have problems: {string.Join(" ", Plan.Problems.Take(3))} " +
                $"'{Folder.Plan}' lists them. Mend them, or set validate to off.");
        }

        Report("planned");
    }
}
