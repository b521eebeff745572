using System.CommandLine;

namespace Percept.Cli;

/// <summary><c>percept show MODEL [--json]</c>: what a model is, takes and needs.</summary>
internal static class ShowCommand
{
    internal static Command Create(TextWriter output, TextWriter error)
    {
        var model = new ModelSettings();
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command(
            "show", "Loads a model and tells its architecture, parts, memory, tokens of pictures and prompt.") { asJson };
        model.AddEncoderTo(command);
        command.SetAction(parsed =>
        {
            model.Configure(parsed);
            string path = model.Path(parsed);
            ModelReport report = Waiting.While(error, $"loading {path}", () => ModelReport.Collect(path, model.Load(parsed)));
            if (parsed.GetValue(asJson))
            {
                JsonOutput.Write(output, json => ModelReportJson.Write(json, report));
            }
            else
            {
                ModelReportText.Print(new Screen(output), report);
            }

            return 0;
        });
        return command;
    }
}
