using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Checkpoints;
using Percept.Data;

namespace Percept.Training;

/// <summary>Where a run stands, besides its tensors: <c>training/state.json</c> of a checkpoint.</summary>
/// <remarks>
/// Random numbers have no state of their own: every draw follows from the recipe's seed, the step and the place of a sample in the data.
/// </remarks>
public sealed record TrainingState
{
    private const int Version = 1;

    /// <summary>How many steps are done.</summary>
    public required int Step { get; init; }

    /// <summary>How many steps the run has.</summary>
    public required int Steps { get; init; }

    /// <summary>Where the random numbers begin.</summary>
    public required ulong Seed { get; init; }

    /// <summary>How many ranks trained together.</summary>
    public int Ranks { get; init; } = 1;

    /// <summary>The most samples of a micro-batch of all ranks; null in older files.</summary>
    public int? BatchSamples { get; init; }

    /// <summary>The most tokens of a micro-batch of all ranks; null for no bound, and in older files.</summary>
    public int? BatchTokens { get; init; }

    /// <summary>How far the data are used.</summary>
    public required FeedPosition Data { get; init; }

    /// <summary>The files of records that are trained on, each with a hash of its content; empty in older files.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>How many steps the optimizer took.</summary>
    public required long OptimizerSteps { get; init; }

    /// <summary>How many steps the average of the weights took in; 0 where there is none.</summary>
    public required long AverageSteps { get; init; }

    /// <summary>Refuses ranks that would go on with other batches than those before.</summary>
    /// <param name="ranks">How many ranks go on.</param>
    /// <param name="batch">The micro-batches of one of them.</param>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <exception cref="InvalidDataException">There are more or fewer, and their batches together have other sizes.</exception>
    internal void RequireRanks(int ranks, BatchRecipe batch, string folder)
    {
        int samples = batch.Samples;
        if (ranks != Ranks && (ranks * samples != BatchSamples || ranks * batch.Tokens != BatchTokens))
        {
            throw new InvalidDataException(
                $"'{folder}' was trained by {Ranks} {(Ranks == 1 ? "rank" : "ranks")}, and {ranks} would go on, whose micro-batches have "
                + $"{ranks * samples} samples{Budget(ranks * batch.Tokens)} together, expected {BatchSamples ?? (samples * Ranks)}{Budget(BatchTokens)}. Resume it with "
                + (Ranks == 1 ? "one process" : $"mpirun -n {Ranks}") + ", or change batch.samples and batch.tokens in the run's recipe.yaml.");
        }
    }

    /// <summary>Refuses records that have changed: the steps to come would not be those of a run that was never stopped.</summary>
    /// <param name="files">The files as they are now.</param>
    /// <exception cref="InvalidDataException">One has another content.</exception>
    internal void RequireFiles(IReadOnlyDictionary<string, string> files)
    {
        foreach ((string file, string hash) in Files)
        {
            if (files.TryGetValue(file, out string? now) && now != hash)
            {
                throw new InvalidDataException(
                    $"'{file}' has changed since the run began, so it cannot go on as if it had never been stopped. Put the file back, or begin a new "
                    + "run with model.path at the checkpoint.");
            }
        }
    }

    private static string Budget(int? tokens) => tokens is { } most ? $" and at most {most} tokens" : string.Empty;

    /// <summary>Writes it.</summary>
    /// <param name="path">The file.</param>
    public void Write(string path)
    {
        var json = new JsonObject
        {
            ["version"] = Version,
            ["step"] = Step,
            ["steps"] = Steps,
            ["seed"] = Seed,
            ["ranks"] = Ranks,
            ["batch_samples"] = BatchSamples,
            ["batch_tokens"] = BatchTokens,
            ["batches"] = Data.Batches,
            ["mix"] = JsonNode.Parse(Data.Mix.ToJson()),
            ["files"] = new JsonObject(Files.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value))),
            ["optimizer_steps"] = OptimizerSteps,
            ["average_steps"] = AverageSteps,
        };
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(json.ToJsonString())));
    }

    /// <summary>Reads it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static TrainingState Read(string path)
    {
        try
        {
            JsonObject json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            int version = json["version"]!.GetValue<int>();
            return version != Version
                ? throw new InvalidDataException($"'{path}' is of version {version}, expected {Version}. Resume it with the Percept that wrote it.")
                : new TrainingState
                {
                    Step = json["step"]!.GetValue<int>(),
                    Steps = json["steps"]!.GetValue<int>(),
                    Seed = json["seed"]!.GetValue<ulong>(),
                    Ranks = json["ranks"]?.GetValue<int>() ?? 1,
                    BatchSamples = json["batch_samples"]?.GetValue<int>(),
                    BatchTokens = json["batch_tokens"]?.GetValue<int>(),
                    Data = new FeedPosition(MixPosition.FromJson(json["mix"]!.ToJsonString()), json["batches"]!.GetValue<long>()),
                    Files = json["files"]?.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<string>()) ?? [],
                    OptimizerSteps = json["optimizer_steps"]!.GetValue<long>(),
                    AverageSteps = json["average_steps"]!.GetValue<long>(),
                };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new InvalidDataException($"'{path}' is no state of a run: {error.Message} Resume from an older checkpoint.", error);
        }
    }
}
