using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Percept.Data;
using Percept.Training;

namespace Percept.Cli;

/// <summary>
/// <c>percept train RECIPE [--out DIR] [--set key=value …] [--json]</c>, <c>percept train --resume DIR [--out DIR]</c>: trains a model; behind
/// <c>mpirun -n N</c> in N processes, of which the first alone prints.
/// </summary>
internal static class TrainCommand
{
    /// <summary>How long a run that is interrupted may take to end its step and to write its state.</summary>
    internal static readonly TimeSpan TimeToStop = TimeSpan.FromMinutes(10);

    internal static Command Create(TextWriter output, TextWriter error)
    {
        var recipe = new Argument<string?>("recipe")
        {
            Description = $"A file of YAML, or a built-in recipe: {string.Join(", ", BuiltInRecipes.Names)}.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var to = new Option<string?>("--out", "-o") { Description = "The run's folder; runs/NAME without it." };
        var resume = new Option<string?>("--resume") { Description = "Goes on with the run of a folder from its newest checkpoint, or from the checkpoint whose folder is named." };
        var changes = new Option<string[]>("--set")
        {
            Description = "Values that hold instead of the recipe's, such as batch.samples=4.",
            AllowMultipleArgumentsPerToken = true,
        };
        var planOnly = new Option<bool>("--plan") { Description = "Says what the run would do, and begins nothing." };
        var show = new Option<bool>("--show") { Description = "Prints the recipe with every value that holds, and begins nothing." };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command("train", "Trains a model as a recipe says, or goes on with a run.")
        {
            recipe, to, resume, changes, planOnly, show, asJson,
        };
        command.SetWork((parsed, cancellation) =>
        {
            string? name = parsed.GetValue(recipe), folder = parsed.GetValue(resume);
            if (name is null == folder is null)
            {
                throw new CommandException("name either a recipe, or the folder of a run with --resume");
            }

            if (folder is not null && (parsed.GetValue(changes) is { Length: > 0 } || parsed.GetValue(planOnly) || parsed.GetValue(show)))
            {
                throw new CommandException(
                    "a run that is resumed keeps its recipe: --set, --plan and --show belong to new runs; recipe.yaml and plan.txt in the run's folder say what it does");
            }

            return TrainRanks.Run(output, error, (ranks, shown, told) =>
            {
                Recipe? read = name is null ? null : BuiltInRecipes.Read(CommandPaths.Expand(name), parsed.GetValue(changes));
                if (parsed.GetValue(show))
                {
                    shown.Write(read!.Yaml);
                    return;
                }

                if (parsed.GetValue(planOnly))
                {
                    Plan(read!, ranks, shown, told);
                    return;
                }

                string? apart = parsed.GetValue(to) is { } named ? CommandPaths.Expand(named) : null;
                Func<Trainer> begin = read is null
                    ? apart is null
                        ? () => Trainer.Resume(CommandPaths.Expand(folder!), ranks)
                        : () => Trainer.ResumeApart(CommandPaths.Expand(folder!), apart, ranks)
                    : () => Trainer.Start(read, ranks.OfFirst(() => apart ?? CommandPaths.Expand(FreeFolder(read.Name))), ranks);
                using Trainer trainer = Waiting.While(told, "planning", () => Guarded(begin));
                Run(trainer, shown, told, parsed.GetValue(asJson), cancellation);
            });
        });
        return command;
    }

    /// <summary>A run that is planned in a folder that goes away.</summary>
    private static void Plan(Recipe recipe, GuardedCommunicator ranks, TextWriter output, TextWriter error)
    {
        string folder = ranks.OfFirst(() => Directory.CreateTempSubdirectory("percept-plan-").FullName);
        try
        {
            using Trainer trainer = Waiting.While(error, "planning", () => Guarded(() => Trainer.Start(recipe, folder, ranks)));
            output.Write(trainer.Plan.ToString());
        }
        catch (InvalidDataException) when (File.Exists(new RunFolder(folder).Plan))
        {
            output.Write(File.ReadAllText(new RunFolder(folder).Plan));
            throw new CommandException("the samples listed above have problems; mend them, or set validate to off");
        }
        finally
        {
            if (ranks.IsFirst)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static void Run(Trainer trainer, TextWriter output, TextWriter error, bool asJson, CancellationToken cancellation)
    {
        if (!asJson)
        {
            output.Write(trainer.Plan.ToString());
            output.WriteLine($"run: {trainer.Folder.Root} (report.html shows its curves)");
        }

        var view = new TrainView(asJson ? error : output);
        TrainingResult result;
        try
        {
            result = Guarded(() => trainer.Run(view, cancellation));
        }
        finally
        {
            view.Clear();
        }

        if (asJson)
        {
            JsonOutput.Write(output, json => Write(json, trainer, result));
        }
        else
        {
            output.WriteLine(FormattableString.Invariant($"  {result.Steps} of {trainer.Steps} steps, loss {result.LastLoss:g5}")
                + (result.Skipped > 0 ? FormattableString.Invariant($", {result.Skipped} samples skipped as too long") : ""));
            output.WriteLine($"  {result.Model}");
        }

        if (!result.Finished)
        {
            throw new StoppedException($"stopped; go on with: percept train --resume {trainer.Folder.Root}");
        }
    }

    /// <summary>Errors of training that tell the user what to do.</summary>
    private static T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception problem) when (TellsTheUser(problem))
        {
            throw new CommandException(problem.Message);
        }
    }

    /// <summary>Whether an error of training says what the user is to do.</summary>
    internal static bool TellsTheUser(Exception problem) =>
        problem is TrainingStoppedException or PreparationException or TemplatePrefixException;

    private static string FreeFolder(string name)
    {
        string first = Path.Combine("runs", name);
        for (int i = 2; ; i++)
        {
            string folder = i == 2 ? first : string.Create(CultureInfo.InvariantCulture, $"{first}-{i - 1}");
            if (!Directory.Exists(folder))
            {
                return folder;
            }
        }
    }

    private static void Write(Utf8JsonWriter json, Trainer trainer, TrainingResult result)
    {
        json.WriteStartObject();
        json.WriteString("run", trainer.Folder.Root);
        json.WriteNumber("steps", result.Steps);
        json.WriteBoolean("finished", result.Finished);
        JsonOutput.Number(json, "loss", result.LastLoss);
        json.WriteString("model", result.Model);
        json.WriteNumber("skipped", result.Skipped);
        json.WriteNumber("parameters", trainer.Plan.Parameters);
        json.WriteNumber("trained", trainer.Plan.Trained);
        json.WriteNumber("planned_bytes", trainer.Plan.PeakBytes);
        json.WriteEndObject();
    }
}
