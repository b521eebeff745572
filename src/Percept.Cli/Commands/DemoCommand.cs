using System.CommandLine;
using Percept.Checkpoints;
using Percept.Inference;
using Percept.Tensors.Threading;

namespace Percept.Cli;

/// <summary><c>percept demo [MODEL]</c>: the small model of Percept, or another, answers questions about pictures that come with it.</summary>
internal static class DemoCommand
{
    // Terminals that are known to draw Sixel, by what they call themselves.
    private static readonly string[] s_sixel = ["foot", "mlterm", "yaft", "contour", "wezterm", "sixel"];

    internal static Command Create(TextWriter output)
    {
        var model = new Argument<string?>("model")
        {
            Description = "A model that takes pictures: a folder, a GGUF file, or a name of the hub (default: percept-tiny, which comes with Percept).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var pictures = new Option<string>("--pictures")
        {
            Description = "How pictures are shown: blocks (coloured letters), sixel, none; auto finds out.",
            DefaultValueFactory = _ => "auto",
        };
        pictures.AcceptOnlyFromAmong("auto", "blocks", "sixel", "none");
        var boxes = new Option<string>("--boxes")
        {
            Description = "The PNG file that a box the model finds is drawn into.", DefaultValueFactory = _ => "percept-demo.png",
        };
        var threads = new Option<int?>("--threads") { Description = "How many threads compute (default: one a core)." };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of pictures and text." };
        var command = new Command("demo", "Asks a model questions about pictures that come with Percept, and shows both.")
        {
            model, pictures, boxes, threads, asJson,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(threads) is { } count)
            {
                WorkerPool.Configure(
                    count is >= 1 and <= 1024 ? count : throw new CommandException($"--threads is {count}, expected 1 to 1024"));
            }

            string drawn = CommandPaths.Expand(parsed.GetValue(boxes)!);
            if (Path.GetDirectoryName(Path.GetFullPath(drawn)) is not { } folder || !Directory.Exists(folder))
            {
                throw new CommandException($"--boxes is '{drawn}', whose folder does not exist; make it, or choose another place");
            }

            DemoSet set = DemoSet.Find();
            string path = parsed.GetValue(model) is { } named ? ModelLocator.Resolve(named)
                : File.Exists(Path.Combine(set.Model, "config.json")) ? set.Model
                : throw new CommandException($"there is no model beside the pictures in '{set.Model}'; name one: percept demo MODEL");
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            using MultimodalChat chat = MultimodalChat.Load(path);
            TimeSpan loading = System.Diagnostics.Stopwatch.GetElapsedTime(start);
            bool json = parsed.GetValue(asJson);
            var run = new DemoRun(
                set, path, chat, Style(parsed.GetValue(pictures)!, output), json ? TextWriter.Null : output, drawn);
            try
            {
                IReadOnlyList<DemoAnswer> answers = await run.Go(loading, cancellation).ConfigureAwait(false);
                if (json)
                {
                    WriteJson(output, path, loading, run, answers);
                }
            }
            catch (OperationCanceledException)
            {
                throw new StoppedException("stopped");
            }

            return 0;
        });
        return command;
    }

    private static void WriteJson(
        TextWriter output, string path, TimeSpan loading, DemoRun run, IReadOnlyList<DemoAnswer> answers) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("model", path);
        json.WriteNumber("parameters", run.Parameters);
        json.WriteNumber("load_seconds", loading.TotalSeconds);
        json.WriteStartArray("questions");
        foreach (DemoAnswer answer in answers)
        {
            json.WriteStartObject();
            JsonOutput.Texts(json, "pictures", answer.Question.Pictures);
            json.WriteString("question", answer.Question.Question);
            json.WriteString("known", answer.Question.Known);
            json.WriteBoolean("right", answer.IsRight);
            json.WritePropertyName("report");
            answer.Report.Write(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("right", answers.Count(answer => answer.IsRight));
        json.WriteString("boxes", run.Drawn);
        json.WriteEndObject();
    });

    private static PictureStyle Style(string word, TextWriter output)
    {
        bool terminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        string name = $"{Environment.GetEnvironmentVariable("TERM")} {Environment.GetEnvironmentVariable("TERM_PROGRAM")}";
        return word switch
        {
            "blocks" => PictureStyle.Blocks,
            "sixel" => PictureStyle.Sixel,
            "none" => PictureStyle.None,
            _ when !terminal || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || name.StartsWith("dumb", StringComparison.Ordinal)
                => PictureStyle.None,
            _ => s_sixel.Any(known => name.Contains(known, StringComparison.OrdinalIgnoreCase)) ? PictureStyle.Sixel : PictureStyle.Blocks,
        };
    }
}
