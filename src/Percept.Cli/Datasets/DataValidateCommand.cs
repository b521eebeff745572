using System.CommandLine;
using Percept.Checkpoints;
using Percept.Data;
using Percept.Models;
using Percept.Training;
using Spectre.Console;

namespace Percept.Cli;

/// <summary><c>percept data validate PATH</c>: every record that a training could not use.</summary>
internal static class DataValidateCommand
{
    internal static Command Create(TextWriter output)
    {
        var dataset = new DatasetSettings();
        var model = new Option<string?>("--model") { Description = "A model by whose processor tokens are counted." };
        var most = new Option<int?>("--max-tokens") { Description = "The most tokens that a sample may have; needs --model, whose positions are the limit without it." };
        var media = new Option<string>("--media")
        {
            Description = "How closely media are looked at: decode, header or none.",
            DefaultValueFactory = _ => "decode",
        };
        media.AcceptOnlyFromAmong("decode", "header", "none");
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command("validate", "Lists every record that a training could not use: file, line, what is wrong, what to do.")
        {
            model, most, media, asJson,
        };
        dataset.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(most) is { } limit && (limit < 1 || parsed.GetValue(model) is null))
            {
                throw new CommandException(limit < 1
                    ? $"--max-tokens is {limit}, expected 1 or more"
                    : "--max-tokens counts the tokens of a model; name one with --model");
            }

            string? path = parsed.GetValue(model) is { } name ? ModelLocator.Resolve(name) : null;
            SupervisedSpans? spans = path is null ? null : new SupervisedSpans(ProcessorLoader.Load(path));
            var validator = new DatasetValidator(dataset.Open(parsed), new ValidationOptions
            {
                Media = parsed.GetValue(media) switch { "none" => MediaCheck.None, "header" => MediaCheck.Header, _ => MediaCheck.Decode },
                CountTokens = spans is null ? null : spans.CountTokens,
                MaxTokens = parsed.GetValue(most) ?? (path is null ? null : Positions(path)),
            });
            if (parsed.GetValue(asJson))
            {
                WriteJson(output, validator);
            }
            else
            {
                Print(new Screen(output), validator);
            }

            return validator.Bad == 0 && validator.Checked > 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>How many tokens a model takes, as its configuration says.</summary>
    private static int? Positions(string path)
    {
        const string key = "max_position_embeddings";
        ConfigReader config = ModelLoader.Configuration(path);
        return config.FindSection("text_config")?.FindInt(key) ?? config.FindInt(key);
    }

    private static void Print(Screen screen, DatasetValidator validator)
    {
        var kinds = new SortedDictionary<DataProblemKind, int>();
        foreach (DataProblem problem in validator.Validate())
        {
            screen.Line(problem.ToString(), Color.Red);
            kinds[problem.Kind] = kinds.GetValueOrDefault(problem.Kind) + 1;
        }

        string longest = validator.LongestTokens > 0 ? FormattableString.Invariant($", the longest of {validator.LongestTokens} tokens") : "";
        screen.Line(FormattableString.Invariant($"{validator.Checked} records{longest}; ") + (validator.Bad == 0
            ? validator.Checked == 0 ? "there is nothing to train on" : "all can be used"
            : FormattableString.Invariant(
                $"{validator.Bad} cannot be used: {string.Join(", ", kinds.Select(kind => $"{kind.Key} {kind.Value}"))}")));
    }

    private static void WriteJson(TextWriter output, DatasetValidator validator) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("problems");
        foreach (DataProblem problem in validator.Validate())
        {
            json.WriteStartObject();
            json.WriteString("file", problem.Source.File);
            json.WriteNumber("line", problem.Source.Line);
            json.WriteString("id", problem.Id);
            json.WriteString("kind", problem.Kind.ToString());
            json.WriteString("message", problem.Message);
            json.WriteString("next_step", problem.NextStep);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("checked", validator.Checked);
        json.WriteNumber("bad", validator.Bad);
        json.WriteNumber("longest_tokens", validator.LongestTokens);
        json.WriteEndObject();
    });
}
