using System.CommandLine;
using Percept.Checkpoints;

namespace Percept.Cli;

/// <summary><c>percept average MODEL MODEL … --out OUT [--shares 0.3 0.7] [--json]</c>: writes the average of several models.</summary>
internal static class AverageCommand
{
    internal static Command Create(TextWriter output, TextWriter error)
    {
        var models = new Argument<string[]>("models")
        {
            Description = "Two or more models that were trained on from the same one: folders, runs of 'percept train', or names of the hub.",
            Arity = ArgumentArity.OneOrMore,
        };
        var target = new Option<string>("--out") { Description = "The folder to make, in the layout of the hub.", Required = true };
        var shares = new Option<double[]>("--shares")
        {
            Description = "How much of each model there is in the average, such as 0.3 0.7; they are divided by their sum. Without it as much of each.",
            AllowMultipleArgumentsPerToken = true,
        };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command("average", "Averages the weights of models that were trained on from the same one.")
        {
            models, target, shares, asJson,
        };
        command.SetWork((parsed, cancellation) =>
        {
            string[] folders = [.. parsed.GetValue(models)!.Select(Folder)];
            string to = CommandPaths.Expand(parsed.GetValue(target)!);
            double[]? parts = parsed.GetValue(shares) is { Length: > 0 } given ? given : null;
            int averaged = Waiting.While(error, $"averaging into {to}", () =>
            {
                try
                {
                    return CheckpointAverage.Write(folders, parts, to, null, cancellation);
                }
                catch (OperationCanceledException)
                {
                    throw new StoppedException("stopped; no model was written");
                }
            });
            if (parsed.GetValue(asJson))
            {
                JsonOutput.Write(output, json =>
                {
                    json.WriteStartObject();
                    json.WriteStartArray("models");
                    foreach (string folder in folders)
                    {
                        json.WriteStringValue(folder);
                    }

                    json.WriteEndArray();
                    json.WriteString("output", to);
                    json.WriteNumber("averaged_weights", averaged);
                    json.WriteEndObject();
                });
            }
            else
            {
                new Screen(output).Line($"{to}: {averaged} weights, the average of {string.Join(", ", folders)}");
            }

            return 0;
        });
        return command;
    }

    // Of a run its model.
    private static string Folder(string text)
    {
        string path = ModelLocator.Resolve(text), inside = Path.Combine(path, "model");
        return !File.Exists(Path.Combine(path, "config.json")) && File.Exists(Path.Combine(inside, "config.json")) ? inside : path;
    }
}
