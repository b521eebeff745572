using System.CommandLine;
using System.Text.Json;
using Percept.Checkpoints;
using Percept.Models;

namespace Percept.Cli;

/// <summary><c>percept convert IN OUT [--type TYPE] [--name NAME] [--json]</c>: converts a checkpoint.</summary>
internal static class ConvertCommand
{
    internal static Command Create(TextWriter output)
    {
        var input = new Argument<string>("in")
        {
            Description = "A model: a folder, a safetensors, PyTorch or GGUF file, or a name of the hub (org/name).",
        };
        var target = new Argument<string>("out")
        {
            Description = "What to make: a .gguf file (with mmproj-….gguf beside it for an image-text model), a .safetensors file, or a folder.",
        };
        var type = new Option<string?>("--type", "-t")
        {
            Description = $"How matrices are stored: {string.Join(", ", WeightTypes.Names)}. Without it f16 in GGUF, as they are in safetensors.",
        };
        var name = new Option<string?>("--name") { Description = "The name that a GGUF file gives its model." };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command("convert", "Converts a checkpoint between safetensors, PyTorch and GGUF, and quantizes it.")
        {
            input, target, type, name, asJson,
        };
        command.SetWork((parsed, cancellation) =>
        {
            string from = ModelLocator.Resolve(parsed.GetValue(input)!);
            string to = CommandPaths.Expand(parsed.GetValue(target)!);
            if (AdapterFolder.Is(from))
            {
                throw new CommandException($"'{from}' is an adapter without a model; make one of both first: percept merge {from} FOLDER");
            }

            var options = new ConvertOptions
            {
                Type = parsed.GetValue(type) is { } given ? WeightTypes.Parse(given) : null,
                Name = parsed.GetValue(name),
            };
            ConvertView? view = parsed.GetValue(asJson) ? null : new ConvertView(output);
            ConvertReport report;
            try
            {
                report = CheckpointConverter.Convert(from, to, options, view, cancellation);
            }
            catch (OperationCanceledException)
            {
                throw new StoppedException("stopped; nothing was written");
            }
            finally
            {
                view?.Clear();
            }

            if (view is null)
            {
                JsonOutput.Write(output, json => WriteJson(json, report));
            }
            else
            {
                Print(new Screen(output), report);
            }

            return 0;
        });
        return command;
    }

    private static void Print(Screen screen, ConvertReport report)
    {
        foreach (string file in report.Files)
        {
            screen.Line($"{file} ({ByteSize.Text(new FileInfo(file).Length)})");
        }

        string types = string.Join(", ", report.Tensors.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value} {pair.Key}"));
        screen.Line($"  tensors: {types}; {ByteSize.Text(report.BytesBefore)} before, {ByteSize.Text(report.BytesAfter)} after");
        foreach (IGrouping<string, KeyValuePair<string, string>> group in report.Ignored.GroupBy(pair => pair.Value))
        {
            string[] names = [.. group.Select(pair => pair.Key)];
            screen.Line($"  left out, {group.Key}: {string.Join(", ", names.Take(3))}{(names.Length > 3 ? $" and {names.Length - 3} more" : "")}");
        }

        if (report.UnreadKeys.Count > 0)
        {
            screen.Line($"  not looked at in the configuration: {string.Join(", ", report.UnreadKeys)}");
        }
    }

    private static void WriteJson(Utf8JsonWriter json, ConvertReport report)
    {
        json.WriteStartObject();
        Texts(json, "files", report.Files);
        json.WriteStartObject("tensors");
        foreach ((string type, int count) in report.Tensors)
        {
            json.WriteNumber(type, count);
        }

        json.WriteEndObject();
        json.WriteNumber("bytes_before", report.BytesBefore);
        json.WriteNumber("bytes_after", report.BytesAfter);
        json.WriteStartObject("left_out");
        foreach ((string name, string reason) in report.Ignored)
        {
            json.WriteString(name, reason);
        }

        json.WriteEndObject();
        Texts(json, "unread_keys", report.UnreadKeys);
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
