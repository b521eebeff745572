using System.Globalization;
using System.Text.RegularExpressions;
using Percept.Data;
using Percept.Models;

namespace Percept.Training;

/// <summary>Reads the parts of a recipe. The order of the calls is the order of the keys in the resolved recipe.</summary>
internal static partial class RecipeReader
{
    private static readonly string[] s_loraTargets =
        ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    private static readonly string[] s_factorTargets = ["k_proj", "v_proj", "down_proj", "fc2"];
    private static readonly string[] s_feedForwardTargets = ["down_proj", "fc2"];
    private static readonly string[] s_bottleneckTargets = ["o_proj", "out_proj", "down_proj", "fc2"];
    private static readonly string[] s_training = ["frozen", "full", "lora", "ia3", "bottleneck", "prompt", "prefix"];

    private const int UsualTokens = 20;

    /// <summary>Reads all of it.</summary>
    internal static Recipe Read(RecipeSection root)
    {
        string name = root.Text("name", "training");
        ModelRecipe model = Model(root.Section("model"));
        IReadOnlyList<PartRecipe> parts = Parts(root.Section("parts"));
        IReadOnlyList<string> freeze = Patterns(root, "freeze");
        IReadOnlyList<DataRecipe> data = [.. root.Sections("data").Select((section, i) => Data(section, i))];
        string validate = root.Word("validate", "header", "off", "records", "header", "decode");
        LossRecipe loss = Loss(root.Section("loss"));
        OptimizerRecipe optimizer = Optimizer(root.Section("optimizer"));
        ScheduleRecipe schedule = Schedule(root.Section("schedule"));
        BatchRecipe batch = Batch(root.Section("batch"));
        int? steps = root.FindInt("steps", 1);
        double? epochs = root.FindNumber("epochs", 1e-9);
        double clip = root.Number("clip_norm", 1.0, 0);
        double? average = root.FindNumber("average", 0, 1);
        bool recompute = root.Flag("recompute", false);
        string precision = root.Word("precision", "float32", "float32", "bf16");
        int seed = root.Int("seed", 0);
        SamplesRecipe samples = Samples(root.Section("samples"));
        RecipeSection checkpoints = root.Section("checkpoints");
        var checkpoint = new CheckpointRecipe { Every = checkpoints.Int("every", 500), Keep = checkpoints.Int("keep", 2, 1) };
        RecipeSection stopping = root.Section("stop");
        var stop = new StopRecipe { Jump = stopping.Number("jump", 30, 0), Window = stopping.Int("window", 64, 8) };
        int report = root.Int("report_every", 50, 1);
        RecipeSection caching = root.Section("cache");
        var cache = new CacheRecipe
        {
            MemoryMegabytes = caching.Int("memory_mb", 256),
            Folder = caching.FindPath("folder"),
            FolderGigabytes = caching.Int("folder_gb", 10),
        };
        root.Finish();
        Check(root, model, parts, data, samples.Data, loss, batch, steps, epochs);
        return new Recipe
        {
            Name = name,
            Model = model,
            Parts = parts,
            Freeze = freeze,
            Data = data,
            Validation = validate switch
            {
                "off" => null,
                "records" => MediaCheck.None,
                "header" => MediaCheck.Header,
                _ => MediaCheck.Decode,
            },
            Loss = loss,
            Optimizer = optimizer,
            Schedule = schedule,
            Batch = batch,
            Steps = steps,
            Epochs = epochs,
            ClipNorm = clip,
            Average = average,
            Recompute = recompute,
            FastProducts = precision == "bf16",
            Seed = (ulong)seed,
            Cache = cache,
            Samples = samples,
            Checkpoints = checkpoint,
            Stop = stop,
            ReportEvery = report,
            Yaml = RecipeYaml.Write(root.Resolved),
        };
    }

    private static void Check(
        RecipeSection root, ModelRecipe model, IReadOnlyList<PartRecipe> parts, IReadOnlyList<DataRecipe> data, IReadOnlyList<DataRecipe> heldOut,
        LossRecipe loss, BatchRecipe batch, int? steps, double? epochs)
    {
        if (model.Path is null == model.FromConfig is null)
        {
            throw root.Wrong("model", "needs either 'path' or 'from_config': --set model.path=FOLDER.");
        }

        if (parts.All(part => part.Training == PartTraining.Frozen))
        {
            throw root.Wrong("parts", "trains nothing. Set one to full or lora, such as projector: full.");
        }

        foreach (PartRecipe prompt in parts.Where(part => part.IsPrompt))
        {
            if (prompt.Name != ModelParts.LanguageModel)
            {
                throw root.Wrong("parts", $"puts learned tokens before '{prompt.Name}', which only language_model can have. Name that.");
            }

            if (!loss.LearnsPrompts)
            {
                throw root.Wrong(
                    "loss", $"is '{loss.Kind}', which no learned prompt is trained by. Use supervised, preference or distillation, or lora instead of a prompt.");
            }
        }

        if (model.FromConfig is null && parts.FirstOrDefault(part => part.From is not null) is { } taken)
        {
            throw root.Wrong(
                "parts", $"takes '{taken.Name}' from elsewhere, which only a new model does. Give model.from_config, or leave 'from' out.");
        }

        if (loss.Kind == "reward" && model.FromConfig is not null)
        {
            throw root.Wrong("model", "is made from nothing, but a reward model is made of one that writes. Give model.path instead.");
        }

        if (data.Count == 0)
        {
            throw root.Wrong("data", "names no dataset: --set data.0.path=FILE.");
        }

        if (!loss.LearnsAnswers && data.Concat(heldOut).Any(one => one.ByLetter))
        {
            throw root.Wrong(
                data.Any(one => one.ByLetter) ? "data" : "samples.data",
                $"has pieces: letters, but '{loss.Kind}' learns no answers that are given. Leave it out, or use supervised, preference, reward or distillation.");
        }

        if (steps is null == epochs is null)
        {
            throw root.Wrong("steps", "or 'epochs' must be given, one of both.");
        }

        if (epochs is not null && batch.Tokens is not null)
        {
            throw root.Wrong("epochs", "and a budget of tokens do not tell how many steps there are. Give 'steps' instead.");
        }

        if (loss.Kind == "contrastive" && batch.Accumulate > 1)
        {
            throw root.Wrong(
                "batch", "accumulates, which for pairs is another loss than the whole batch's. Use loss.cached_batch for large batches.");
        }
    }

    private static ModelRecipe Model(RecipeSection section) => new()
    {
        Path = section.FindPath("path"),
        FromConfig = section.FindPath("from_config"),
        Initializer = section.Word("initializer", "auto", [.. WeightInitializer.Schemes]),
        InitializerRange = section.FindNumber("initializer_range", 0),
    };

    private static IReadOnlyList<PartRecipe> Parts(RecipeSection section)
    {
        var parts = new List<PartRecipe>();
        foreach (string name in section.Names.ToArray())
        {
            if (name != ModelParts.All && !ModelParts.Names.Contains(name))
            {
                string near = Checkpoints.NearestName.Find(name, ModelParts.Names)!;
                throw section.Wrong(
                    name,
                    $"is no part of a model. Did you mean '{near}'? There are {ModelParts.All}, {string.Join(", ", ModelParts.Names)}.");
            }

            if (section.IsWord(name))
            {
                parts.Add(Part(name, section.Word(name, "frozen", s_training), null));
            }
            else
            {
                RecipeSection inside = section.Section(name);
                parts.Add(Part(name, inside.Word("train", "full", s_training), inside));
            }
        }

        return parts;
    }

    private static PartRecipe Part(string name, string train, RecipeSection? section)
    {
        var part = new PartRecipe
        {
            Name = name,
            Training = train switch { "full" => PartTraining.Full, "frozen" => PartTraining.Frozen, _ => PartTraining.Adapter },
            Method = train switch
            {
                "ia3" => AdapterMethod.Ia3,
                "bottleneck" => AdapterMethod.Bottleneck,
                "prompt" => AdapterMethod.PromptTuning,
                "prefix" => AdapterMethod.PrefixTuning,
                _ => AdapterMethod.Lora,
            },
            From = section?.FindPath("from"),
            RateFactor = section?.Number("rate_factor", 1, 0) ?? 1,
            FeedForwardTargets = s_feedForwardTargets,
            VirtualTokens = UsualTokens,
        };
        part.Targets = part.Method switch
        {
            AdapterMethod.Ia3 => s_factorTargets,
            AdapterMethod.Bottleneck => s_bottleneckTargets,
            _ => s_loraTargets,
        };
        if (part.Training == PartTraining.Adapter && section is not null)
        {
            ReadAdapter(part, section);
        }

        return part;
    }

    private static void ReadAdapter(PartRecipe part, RecipeSection section)
    {
        if (part.IsPrompt)
        {
            part.VirtualTokens = section.Int("tokens", UsualTokens, 1);
            return;
        }

        if (part.Method == AdapterMethod.Lora)
        {
            part.Rank = section.Int("r", 8, 1);
            part.Alpha = section.Number("alpha", 2 * part.Rank, 0);
            part.Dropout = section.Number("dropout", 0, 0, 0.99);
        }

        part.Targets = section.Texts("targets") is { Count: > 0 } targets ? targets : part.Targets;
        switch (part.Method)
        {
            case AdapterMethod.Ia3:
                part.FeedForwardTargets = section.Texts("feed_forward") is { Count: > 0 } inputs ? inputs : s_feedForwardTargets;
                break;
            case AdapterMethod.Bottleneck:
                part.Bottleneck = section.Int("size", 64, 1);
                break;
            default:
                part.RankStabilised = section.Flag("rslora", false);
                part.Decomposed = section.Flag("dora", false);
                break;
        }
    }

    private static DataRecipe Data(RecipeSection section, int index)
    {
        var data = new DataRecipe
        {
            Path = section.FindPath("path"),
            Generated = section.FindText("generated", GeneratedDatasets.WithWholePath),
            Weight = section.FindNumber("weight", 1e-9),
            MostSamples = section.FindInt("max_samples", 1),
            Name = section.FindText("name") ?? string.Empty,
            Turns = section.Word("turns", "own", "own", "apart", "together"),
            Pieces = section.Word("pieces", "tokens", "tokens", "letters"),
        };
        // A key that does not apply is unknown.
        if (data.Generated is null)
        {
            data.Format = section.Word("format", "auto", "auto", "records", "captions", "classes", "idx", "nlvr", "mnist", "fashion_mnist");
        }

        if (data.Generated is null && data.Format is not ("nlvr" or "mnist" or "fashion_mnist"))
        {
            data.Entry = section.FindText("entry");
            data.AllowOutside = section.Flag("allow_outside", false);
            data.Images = section.FindPath("images");
        }

        if (data.Format is "nlvr" or "mnist" or "fashion_mnist")
        {
            data.Split = section.Text("split", "train");
            data.Copies = section.FindInt("copies", 1);
        }

        if (data.Format is "mnist" or "fashion_mnist")
        {
            data.Side = section.Int("side", 128, 32);
            data.Grid = section.Int("grid", 1, 1);
            data.LeaveOut = section.FindPath("leave_out");
            data.Seed = section.Int("seed", 0);
        }

        if (data.Format == "nlvr")
        {
            data.BoxesApart = section.Flag("apart", false);

            // What runs of before wrote where there are no lists.
            string lists = section.Word("lists", "none", "none", "behind", "before", "instead", "false");
            data.Lists = lists == "false" ? NlvrLists.None : Enum.Parse<NlvrLists>(lists, ignoreCase: true);
            data.Tables = section.Int("tables", 0);
            data.Questions = section.Int("questions", 0);
        }

        if (data.Path is null == data.Generated is null)
        {
            string number = index.ToString(CultureInfo.InvariantCulture);
            throw section.Wrong("path", $"or 'generated' must be given, one of both: --set data.{number}.path=FILE.");
        }

        return data.Name.Length > 0
            ? data
            : data with { Name = data.Generated ?? Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(data.Path!)) };
    }

    private static OptimizerRecipe Optimizer(RecipeSection section)
    {
        string name = section.Text("kind", "adamw");
        double rate = section.FindNumber("learning_rate", 0)
            ?? throw section.Wrong("learning_rate", "must be given: --set optimizer.learning_rate=1e-4.");
        var settings = new OptimizerSettings
        {
            Name = name,
            WeightDecay = section.Number("weight_decay", 0, 0),
            Beta1 = section.NumberIfGiven("beta1"),
            Beta2 = section.NumberIfGiven("beta2"),
            Eps = section.NumberIfGiven("eps"),
            Momentum = section.NumberIfGiven("momentum"),
            Dampening = section.NumberIfGiven("dampening"),
            Nesterov = section.FlagIfGiven("nesterov"),
            AmsGrad = section.FlagIfGiven("amsgrad"),
            Alpha = section.NumberIfGiven("alpha"),
            LeastScale = section.NumberIfGiven("least_scale"),
            ClipThreshold = section.NumberIfGiven("clip_threshold"),
            DecayRate = section.NumberIfGiven("decay_rate"),
            ScaleParameter = section.FlagIfGiven("scale_parameter"),
            RelativeStep = section.FlagIfGiven("relative_step"),
            WarmupInit = section.FlagIfGiven("warmup_init"),
            MatchAdam = section.FlagIfGiven("match_adam"),
        };
        try
        {
            settings.Create([]).Dispose();
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException)
        {
            throw section.Wrong("kind", $"does not fit: {error.Message}");
        }

        return new OptimizerRecipe { Settings = settings, LearningRate = rate, NoDecay = Patterns(section, "no_decay") };
    }

    private static ScheduleRecipe Schedule(RecipeSection section)
    {
        var schedule = new ScheduleRecipe { Kind = section.Text("kind", "cosine") };
        try
        {
            _ = ScheduleNames.Kind(schedule.Kind);
        }
        catch (InvalidDataException error)
        {
            throw section.Wrong("kind", $"is '{schedule.Kind}'. {error.Message}");
        }

        // A key that the form does not follow is unknown to it.
        ScheduleKind kind = ScheduleNames.Kind(schedule.Kind);
        if (kind is not (ScheduleKind.Constant or ScheduleKind.OneCycle))
        {
            schedule.WarmupSteps = section.FindInt("warmup_steps");
            schedule.WarmupRatio = section.Number("warmup_ratio", 0.03, 0, 1);
        }

        if (kind == ScheduleKind.WarmupStableDecay)
        {
            schedule.DecayRatio = section.Number("decay_ratio", 0.2, 0, 1);
        }

        if (kind is ScheduleKind.CosineWithMinimum or ScheduleKind.CosineWarmupWithMinimum or ScheduleKind.WarmupStableDecay)
        {
            schedule.MinimumFactor = section.Number("min_factor", 0, 0, 1);
        }

        if (kind is ScheduleKind.Cosine or ScheduleKind.CosineWithRestarts or ScheduleKind.CosineWithMinimum
            or ScheduleKind.CosineWarmupWithMinimum or ScheduleKind.WarmupStableDecay)
        {
            schedule.Cycles = section.FindNumber("cycles", 0);
        }

        if (kind == ScheduleKind.Polynomial)
        {
            schedule.Power = section.Number("power", 1, 0);
        }

        return schedule;
    }

    private static BatchRecipe Batch(RecipeSection section) => new()
    {
        Samples = section.Int("samples", 8, 1),
        Tokens = section.FindInt("tokens", 1),
        Accumulate = section.Int("accumulate", 1, 1),
        GroupByLength = section.Flag("group_by_length", false),
    };

    private static SamplesRecipe Samples(RecipeSection section) => new()
    {
        Every = section.Int("every", 0),
        Answers = section.Int("answers", 4),
        MostTokens = section.Int("max_tokens", 64, 1),
        LossSamples = section.Int("loss_samples", 64),
        Data = [.. section.Sections("data").Select((inside, i) => Data(inside, i))],
    };

    private static IReadOnlyList<string> Patterns(RecipeSection section, string name)
    {
        IReadOnlyList<string> patterns = section.Texts(name);
        foreach (string pattern in patterns)
        {
            try
            {
                _ = new Regex(pattern, RegexOptions.CultureInvariant);
            }
            catch (ArgumentException error)
            {
                throw section.Wrong(name, $"holds '{pattern}', which is no regular expression: {error.Message}");
            }
        }

        return patterns;
    }
}
