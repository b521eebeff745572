using System.Security.Cryptography;
using System.Text;
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
/// <para>
/// One thread computes, the one that calls <see cref="Run"/>; others prepare samples ahead. What a step computes follows from the recipe, the
/// data and the number of the step alone.
/// </para>
/// <para>
/// Several ranks train one model, each on its share of every micro-batch: N ranks with B samples each take the steps of one process with
/// N · B, up to the order of sums. Rank 0 alone writes files, asks the samples that are looked at and takes the held-out loss; all ranks
/// read the run's folder. What one of them throws is thrown by all, as a <see cref="RankFailedException"/>.
/// </para>
/// </remarks>
public sealed partial class Trainer : IDisposable
{
    private readonly GuardedCommunicator _ranks;
    private readonly GradientReducer _reducer;
    private readonly TrainedModel _model;
    private readonly IObjective _objective;
    private readonly Optimizer _optimizer;
    private readonly WeightAverage? _average;
    private readonly LearningRateSchedule _schedule;
    private readonly IReadOnlyList<MixSource> _sources;
    private readonly Lazy<IReadOnlyList<MixSource>> _held;
    private readonly IReadOnlyDictionary<string, string> _files;
    private readonly SampleLengths _lengths;
    private readonly TrainingLog _log;
    private readonly SampleAnswers _answers;
    private readonly HeldOutLoss _heldOut;
    private readonly LossWatch _watch;
    private readonly GradientCheck _gradients;
    private readonly int _begun;
    private FeedPosition? _position;
    private long _skipped;
    private IDisposable? _hold;
    private bool _isWhole = true;

    private Trainer(Recipe recipe, RunFolder folder, string origin, string? checkpoint, GuardedCommunicator ranks)
    {
        _ranks = ranks;
        _reducer = new GradientReducer(ranks);
        _reduce = () => _reducer.Reduce(_model!.Parameters);
        _counts = new double[StepCounts.Fixed + recipe.Batch.Accumulate];
        Recipe = recipe;
        Folder = folder;
        bool hasAdapter = HasAdapter(recipe);
        _model = TrainedModel.Load(recipe, checkpoint is null || hasAdapter ? origin : checkpoint, hasAdapter ? checkpoint : null);
        _optimizer = OptimizerFactory.Make(recipe, _model);
        _average = recipe.Average is { } decay && ranks.IsFirst
            ? new WeightAverage(_model.Parameters, new WeightAverageOptions { Kind = WeightAverageKind.Growing, Decay = decay })
            : null;
        _objective = MakeObjective(recipe, _model, origin, ranks);
        _sources = RecipeData.Open(recipe.Data);
        RequireCharacters(recipe, _model);
        _held = new Lazy<IReadOnlyList<MixSource>>(() => RecipeData.Open(recipe.Samples.Data));
        _files = RecipeData.Hashes(recipe.Data);
        _lengths = new SampleLengths(recipe, _model, _sources);
        if (checkpoint is not null)
        {
            TrainingState state = TrainingCheckpoint.ReadState(checkpoint);
            state.RequireRanks(ranks.Size, recipe.Batch, checkpoint);
            state.RequireFiles(_files);
            TrainingCheckpoint.Restore(checkpoint, _optimizer, _average, state);
            TrainingCheckpoint.RestoreValues(checkpoint, _model.ValueHead);
            (Step, _begun, _position) = (state.Step, state.Step, state.Data);
        }

        long epoch = new DatasetMix(_sources, new MixOptions { Epochs = null }).EpochLength;
        int perStep = recipe.Batch.Samples * recipe.Batch.Accumulate * ranks.Size;
        Steps = recipe.Steps ?? (int)Math.Ceiling(recipe.Epochs!.Value * epoch / perStep);
        _schedule = recipe.Schedule.Make(recipe.Optimizer.LearningRate, Steps);
        Plan = new TrainingPlanner(recipe, _model, _optimizer, _objective, _sources, _held, _lengths).Make(
            Steps, ranks.Size, validates: checkpoint is null && ranks.IsFirst, Step);
        _answers = new SampleAnswers(_model, recipe, folder.Answers, LookedAt(), Step);
        _heldOut = new HeldOutLoss(recipe, _held, _objective, recipe.Batch.Samples * ranks.Size);
        _gradients = new GradientCheck(_model);
        _log = ranks.IsFirst ? TrainingLog.Open(folder.Log, Step) : TrainingLog.Follow(folder.Log, Step);
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
    /// <param name="ranks">The ranks that train together (<see cref="Communicators.Open"/>); null for this process alone.</param>
    /// <exception cref="InvalidDataException">Recipe, model and data do not fit, or samples are bad; the message says which.</exception>
    /// <exception cref="IOException">The folder holds a run already, or cannot be written.</exception>
    /// <exception cref="RankFailedException">A rank of several has failed.</exception>
    public static Trainer Start(Recipe recipe, string folder, ICommunicator? ranks = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var run = new RunFolder(folder);
        var all = GuardedCommunicator.Of(ranks);
        return all.Together(() =>
        {
            RequirePartners(recipe, all.Size);
            return Held(run, all, () =>
            {
                all.First(() => Begin(run, recipe));
                return Planned(recipe, run, null, all);
            });
        });
    }

    /// <summary>Goes on with a run from its newest checkpoint, or from its beginning where it has none.</summary>
    /// <param name="folder">The run's folder; or its newest checkpoint.</param>
    /// <param name="ranks">The ranks that train together, as many as before; null for this process alone.</param>
    /// <exception cref="FileNotFoundException">The folder holds no run.</exception>
    /// <exception cref="InvalidDataException">The data, the recipe or the number of ranks have changed.</exception>
    /// <exception cref="RankFailedException">A rank of several has failed.</exception>
    public static Trainer Resume(string folder, ICommunicator? ranks = null)
    {
        string? named = TrainingCheckpoint.Is(folder) ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) : null;
        RunFolder run = named is null ? new RunFolder(folder) : RunFolder.Around(named);
        var all = GuardedCommunicator.Of(ranks);
        return all.Together(() => Held(run, all, () =>
        {
            if (!File.Exists(run.Recipe))
            {
                throw new FileNotFoundException($"'{run.Root}' holds no run: there is no recipe.yaml. Name the folder of a run.", run.Recipe);
            }

            all.First(() =>
            {
                run.Clean();
                Directory.CreateDirectory(run.Checkpoints);
            });
            string checkpoint = all.OfFirst(() => run.Latest() ?? string.Empty);
            if (named is not null && Path.GetFileName(checkpoint) != Path.GetFileName(named))
            {
                throw new InvalidDataException(
                    $"'{named}' is not the newest checkpoint of its run, which is '{Path.GetFileName(checkpoint)}'. Resume the run, or go on from it "
                    + "in a new folder (--out).");
            }

            return Planned(Recipe.Read(run.Recipe), run, checkpoint.Length == 0 ? null : checkpoint, all);
        }));
    }

    /// <summary>Goes on from a checkpoint that stands alone, such as one that was copied, in a folder of its own.</summary>
    /// <param name="checkpoint">The checkpoint's folder, with <c>training/</c> in it.</param>
    /// <param name="folder">The new run's folder; one that holds a run already is refused.</param>
    /// <param name="ranks">The ranks that train together, as many as before; null for this process alone.</param>
    /// <exception cref="FileNotFoundException">The folder is no checkpoint of a run.</exception>
    /// <exception cref="InvalidDataException">The data, the recipe or the number of ranks have changed.</exception>
    /// <exception cref="IOException">The folder holds a run already, or cannot be written.</exception>
    /// <exception cref="RankFailedException">A rank of several has failed.</exception>
    public static Trainer ResumeApart(string checkpoint, string folder, ICommunicator? ranks = null)
    {
        string from = Path.GetFullPath(checkpoint);
        var run = new RunFolder(folder);
        var all = GuardedCommunicator.Of(ranks);
        return all.Together(() => Held(run, all, () =>
        {
            Recipe recipe = TrainingCheckpoint.ReadRecipe(from);
            all.First(() => Begin(run, recipe));
            return Planned(recipe, run, from, all);
        }));
    }

    /// <summary>Runs all steps that are left.</summary>
    /// <param name="progress">Told after each step; null for nobody.</param>
    /// <param name="cancellation">Ends the run after a step, in all ranks where one asks for it; the state is written first.</param>
    /// <returns>How it ended, the same in all ranks.</returns>
    /// <exception cref="TrainingStoppedException">The loss or the gradients show that the run goes wrong; the samples are named.</exception>
    /// <exception cref="PreparationException">A sample cannot be prepared.</exception>
    /// <exception cref="RankFailedException">A rank of several has failed.</exception>
    public TrainingResult Run(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        using LayerRecomputation.Switch recomputation = LayerRecomputation.Set(Recipe.Recompute);
        using var feed = new DataFeed(
            Recipe, _sources, _objective, _lengths.Of, _position, ShardedOrder.Of(_ranks), CancellationToken.None);
        TensorMemory.ResetPeak();
        try
        {
            return _ranks.Together(() =>
            {
                TakeSteps(feed, progress, cancellation);
                return HadEnded() ? new TrainingResult(Step, true, LastLoss, Folder.Model, _skipped) : End();
            });
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Save(error);
            Report("stopped: " + error.Message);
            throw;
        }
    }

    /// <summary>Frees the optimizer's state, what was prepared and the run's folder; the model stays usable.</summary>
    public void Dispose()
    {
        _hold?.Dispose();
        _log.Dispose();
        _heldOut.Dispose();
        _objective.Dispose();
        _average?.Dispose();
        _optimizer.Dispose();
    }

    /// <summary>Lets no other process into the run's folder while a trainer is made and used.</summary>
    private static Trainer Held(RunFolder run, GuardedCommunicator ranks, Func<Trainer> make)
    {
        IDisposable? hold = null;
        ranks.First(() => hold = run.Hold());
        try
        {
            Trainer trainer = make();
            trainer._hold = hold;
            return trainer;
        }
        catch
        {
            hold?.Dispose();
            throw;
        }
    }

    /// <summary>Makes the folder of a new run.</summary>
    private static void Begin(RunFolder run, Recipe recipe)
    {
        if (run.Latest() is { } there)
        {
            throw new IOException($"'{run.Root}' holds a run already, up to '{Path.GetFileName(there)}'. Resume it, or name another folder.");
        }

        Directory.CreateDirectory(run.Checkpoints);
        run.Clean();

        // What a run without a step has left was made by another recipe.
        if (Directory.Exists(run.InitialModel))
        {
            Directory.Delete(run.InitialModel, recursive: true);
        }

        File.Delete(run.Answers);
        File.Delete(run.Plan);
        AtomicFile.Write(run.Recipe, stream => stream.Write(Encoding.UTF8.GetBytes(recipe.Yaml)));
    }

    private static Trainer Planned(Recipe recipe, RunFolder run, string? checkpoint, GuardedCommunicator ranks)
    {
        // Rank 0 makes or downloads the model before the others look for it.
        string Find() => checkpoint is not null && !NeedsOrigin(recipe) ? checkpoint : Origin(recipe, run);
        string origin = string.Empty;
        ranks.First(() => origin = Find());
        var trainer = new Trainer(recipe, run, ranks.IsFirst ? origin : Find(), checkpoint, ranks);
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

    /// <summary>Whether a checkpoint needs the model as it was before training: beside an adapter, or to compare with.</summary>
    private static bool NeedsOrigin(Recipe recipe) => HasAdapter(recipe) || recipe.Loss.Kind is "preference" or "grpo" or "ppo";

    private static bool HasAdapter(Recipe recipe) => recipe.Parts.Any(part => part.Training == PartTraining.Adapter);

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

    /// <summary>Losses that compare samples need two of them, in all ranks together.</summary>
    private static void RequirePartners(Recipe recipe, int ranks)
    {
        int batch = recipe.Batch.Samples * ranks;
        string? wrong = recipe.Loss.Kind switch
        {
            "matching" when batch < 2 => "has 1 sample, expected at least 2: each picture is compared with other texts.",
            "preference" when recipe.Loss.Formula == PreferenceObjective.Kto && batch * recipe.Batch.Accumulate < 2 =>
                "has 1 sample a step, expected at least 2: KTO compares each answer with those to other questions.",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new InvalidDataException($"The recipe's 'batch' {wrong} Set batch.samples.");
        }
    }

    private static void RequireCharacters(Recipe recipe, TrainedModel model)
    {
        if (recipe.Data.Concat(recipe.Samples.Data).FirstOrDefault(data => data.ByLetter) is { } data && !model.NeedProcessor().Tokenizer.Tokenizer.HasCharacters)
        {
            throw new NotSupportedException(
                $"The dataset '{data.Name}' has pieces: letters, which needs a tokenizer of BPE without prefixes and suffixes, or of Unigram; the model's is neither. "
                + "Set pieces: tokens.");
        }
    }

    private static IObjective MakeObjective(Recipe recipe, TrainedModel model, string origin, ICommunicator ranks) => recipe.Loss.Kind switch
    {
        "contrastive" => new ContrastiveObjective(model, recipe.Loss, recipe.Seed, ranks),
        "masked_image" => new MaskedImageObjective(model, recipe.Loss, recipe.Seed, ranks),
        "matching" => new MatchingObjective(model, recipe.Loss, recipe.Seed, ranks),
        "captioning" => new CaptioningObjective(model, recipe.Loss, recipe.Seed, ranks),
        "masked_tokens" => new MaskedTokensObjective(model, recipe.Loss, recipe.Seed, ranks),
        "preference" when recipe.Loss.Formula == PreferenceObjective.Kto => new KtoObjective(model, recipe.Loss, origin, ranks),
        "preference" => new PreferenceObjective(model, recipe.Loss, origin, ranks),
        "masked_language" => new MaskedLanguageObjective(model, recipe.Loss, recipe.Seed, ranks),
        "reward" => new RewardObjective(model, recipe.Loss, ranks),
        "grpo" => new GrpoObjective(model, recipe.Loss, recipe.Seed, origin, ranks),
        "ppo" => new PpoObjective(model, recipe.Loss, recipe.Seed, origin, ranks),
        "distillation" => new DistillationObjective(model, recipe.Loss, ranks),
        _ => new SupervisedObjective(model, recipe.Loss, ranks, recipe.Cache.Open()),
    };

    private IReadOnlyList<DatasetSample> LookedAt()
    {
        if (!_ranks.IsFirst || Plan.Problems.Count > 0 || Recipe.Samples.Every == 0 || Recipe.Samples.Answers == 0 || !Recipe.Loss.TakesAnswers)
        {
            return [];
        }

        IReadOnlyList<MixSource> sources = Recipe.Samples.Data.Count > 0 ? _held.Value : _sources;
        var mix = new DatasetMix(sources, new MixOptions { Shuffles = false });
        return [.. mix.Items().Take(Recipe.Samples.Answers).Select(item => item.Load())];
    }

    /// <summary>Writes the plan, refuses data that are bad, and makes sure that all ranks do the same.</summary>
    private void Begin()
    {
        _ranks.First(() =>
        {
            if (Plan.Problems.Count == 0)
            {
                _heldOut.Open();
            }

            // A run that goes on keeps its plan, which says more: data are looked at once.
            if (Step > 0 && File.Exists(Folder.Plan))
            {
                return;
            }

            AtomicFile.Write(Folder.Plan, stream => stream.Write(Encoding.UTF8.GetBytes(Plan.Text(int.MaxValue))));
            if (Plan.Problems.Count > 0)
            {
                throw new InvalidDataException(
                    $"{Plan.Problems.Count} of {Plan.Validated} samples have problems: {string.Join(" ", Plan.Problems.Take(3))} " +
                    $"'{Folder.Plan}' lists them. Mend them, or set validate to off.");
            }

            Report("planned");
        });
        RequireSame(
            $"{Recipe.Yaml}\n{Steps} {Step} {string.Join(' ', Plan.Data.Select(data => $"{data.Name}:{data.Samples}:{data.PerEpoch}"))}",
            "has another recipe or other data", "Give all ranks the same files and settings");
        _ranks.Whole(() => _reducer.ShareWeights(_model.Parameters));
    }

    /// <summary>Refuses ranks that differ in something; all of them come to know.</summary>
    private void RequireSame(string text, string wrong, string todo)
    {
        byte[][] said = _ranks.Size > 1 ? _ranks.AllGather(SHA256.HashData(Encoding.UTF8.GetBytes(text))) : [];
        int other = Array.FindIndex(said, digest => !digest.AsSpan().SequenceEqual(said[0]));
        if (other > 0)
        {
            throw new InvalidDataException($"Rank {other} of {_ranks.Size} {wrong} than rank 0. {todo}.");
        }
    }
}
