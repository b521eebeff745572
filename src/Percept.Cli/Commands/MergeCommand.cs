using System.CommandLine;
using Percept.Checkpoints;
using Percept.Models;

namespace Percept.Cli;

/// <summary><c>percept merge ADAPTER OUT [--base MODEL] [--json]</c>: writes a plain checkpoint of a model and its adapter.</summary>
internal static class MergeCommand
{
    internal static Command Create(TextWriter output, TextWriter error)
    {
        var adapter = new Argument<string>("adapter")
        {
            Description = "A folder with adapter_config.json and adapter_model.safetensors, such as a checkpoint of 'percept train'.",
        };
        var target = new Argument<string>("out") { Description = "The folder to make, in the layout of the hub." };
        var model = new Option<string?>("--base")
        {
            Description = "The model that the adapter stands beside. Without it the one that adapter_config.json names.",
        };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command("merge", "Merges an adapter into its model: a plain checkpoint that needs no adapter.")
        {
            adapter, target, model, asJson,
        };
        command.SetWork((parsed, cancellation) =>
        {
            string folder = CommandPaths.Expand(parsed.GetValue(adapter)!), to = CommandPaths.Expand(parsed.GetValue(target)!);
            if (!AdapterFolder.Is(folder))
            {
                string inside = Path.Combine(folder, "model");
                throw new CommandException(
                    File.Exists(Path.Combine(folder, "model.safetensors")) ? $"'{folder}' is a whole model already; there is nothing to merge"
                    : AdapterFolder.Is(inside) ? $"'{folder}' is the folder of a run; its adapter is '{inside}'"
                    : $"'{folder}' holds no adapter: it needs {AdapterConfig.FileName} and {Adapter.WeightsFileName}");
            }

            string from = parsed.GetValue(model) is { } named ? ModelLocator.Resolve(named) : AdapterFolder.BaseOf(folder);
            int changed = Waiting.While(error, $"merging into {to}", () =>
            {
                try
                {
                    return AdapterMerge.Write(from, Adapter.Open(folder), to, null, cancellation);
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
                    json.WriteString("base", from);
                    json.WriteString("adapter", folder);
                    json.WriteString("output", to);
                    json.WriteNumber("changed_weights", changed);
                    json.WriteEndObject();
                });
            }
            else
            {
                new Screen(output).Line($"{to}: {changed} weights of {from} changed by {folder}");
            }

            return 0;
        });
        return command;
    }
}
