using System.CommandLine;
using Percept.Models;

namespace Percept.Cli;

/// <summary><c>percept inspect FILE… [--family NAME] [--processor FOLDER] [--json]</c>: what a picture, sound or clip is.</summary>
internal static class InspectCommand
{
    internal static Command Create(TextWriter output)
    {
        var files = new Argument<string[]>("file")
        {
            Description = "Pictures, sounds and clips; a clip may also be a folder of frames.",
            Arity = ArgumentArity.OneOrMore,
        };
        var families = new Option<string[]>("--family")
        {
            Description = "Only this family of models (its model_type or its image processor's class); may be repeated.",
        };
        var processor = new Option<string?>("--processor")
        {
            Description = "A checkpoint's folder: what its own preprocessor_config.json makes of the files.",
        };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command(
            "inspect",
            "Shows what a picture, sound or clip is, and what the processor of each model family makes of it.")
        {
            files, families, processor, asJson,
        };
        command.SetAction(parsed =>
        {
            NamedProcessor[] processors = Processors(parsed.GetValue(families) ?? [], parsed.GetValue(processor));
            var reports = new List<MediaReport>();
            var problems = new List<string>();
            foreach (string file in parsed.GetValue(files) ?? [])
            {
                // One bad file must not hide what is known of the others.
                try
                {
                    reports.Add(MediaReport.Of(file, processors));
                }
                catch (CommandException problem)
                {
                    problems.Add(problem.Message);
                }
            }

            if (reports.Count == 0 && problems.Count > 0)
            {
                throw new CommandException(string.Join("; ", problems));
            }

            if (parsed.GetValue(asJson))
            {
                JsonOutput.Write(output, json => MediaReportText.WriteJson(json, reports));
            }
            else
            {
                MediaReportText.Print(new Screen(output), reports, tellsOfProcessor: parsed.GetValue(processor) is null);
            }

            return problems.Count == 0 ? 0 : throw new CommandException(string.Join("; ", problems));
        });
        return command;
    }

    private static NamedProcessor[] Processors(string[] families, string? folder)
    {
        if (folder is not null)
        {
            return families.Length == 0
                ? [new(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), ImageProcessor.Load(folder))]
                : throw new CommandException("--family and --processor exclude each other");
        }

        IEnumerable<ImageFamily> chosen = families.Length == 0 ? ImageFamilies.All : families.Select(Find);
        return [.. chosen.Distinct().Select(family => new NamedProcessor(family.Name, family.CreateDefault()))];
    }

    private static ImageFamily Find(string name) =>
        ImageFamilies.All.FirstOrDefault(family => family.Type == name || family.ModelTypes.Contains(name))
        ?? throw new CommandException(
            $"there is no family '{name}'; there are {string.Join(", ", ImageFamilies.All.Select(family => family.Name))}");
}
