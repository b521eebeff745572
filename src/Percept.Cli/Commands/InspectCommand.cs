using System.CommandLine;

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
            Description = "Only this family of models (its model_type or its processor's class, in any case); may be repeated.",
        };
        var processor = new Option<string?>("--processor")
        {
            Description = "A checkpoint's folder: what its own preprocessor_config.json makes of the files.",
        };
        var rate = new Option<double?>("--fps")
        {
            Description = "Show clips at so many frames a second, by each family's rule, instead of as its settings say.",
        };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command(
            "inspect",
            "Shows what a picture, sound or clip is, and what the processor of each model family makes of it.")
        {
            files, families, processor, rate, asJson,
        };
        var pixels = new PixelLimit(command, "Decode pictures of up to so many pixels; of greater ones the header alone is read.");
        command.SetAction(parsed =>
        {
            string? folder = parsed.GetValue(processor);
            var inspection = new MediaInspection(
                Processors(parsed.GetValue(families) ?? [], folder), pixels.Read(parsed), Rate(parsed.GetValue(rate)));
            return Run(output, inspection, parsed.GetValue(files) ?? [], parsed.GetValue(asJson), folder is null);
        });
        return command;
    }

    private static int Run(TextWriter output, MediaInspection inspection, string[] files, bool asJson, bool tellsOfProcessor)
    {
        var reports = new List<MediaReport>();
        var problems = new List<string>();
        foreach (string file in files)
        {
            // One bad file must not hide what is known of the others.
            try
            {
                reports.Add(inspection.Of(CommandPaths.Expand(file)));
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

        if (asJson)
        {
            JsonOutput.Write(output, json => MediaReportJson.Write(json, reports));
        }
        else
        {
            MediaReportText.Print(new Screen(output), reports, tellsOfProcessor);
        }

        return problems.Count == 0 ? 0 : throw new CommandException(string.Join("; ", problems));
    }

    private static ProcessorSet Processors(string[] families, string? folder) => folder is null
        ? families.Length == 0 ? ProcessorSet.All() : ProcessorSet.Of(families)
        : families.Length == 0
            ? ProcessorSet.OfFolder(CommandPaths.Expand(folder))
            : throw new CommandException("--family and --processor exclude each other");

    private static double? Rate(double? rate) => rate is null or > 0 and <= 1000
        ? rate
        : throw new CommandException(FormattableString.Invariant($"--fps is {rate}; it lies above 0 and up to 1000"));
}
