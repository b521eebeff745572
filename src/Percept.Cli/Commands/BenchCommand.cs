using System.CommandLine;
using System.Text.Json;
using Percept.Models;
using Percept.Tensors.Threading;

namespace Percept.Cli;

/// <summary><c>percept bench MODEL [--json]</c>: how fast a model is here, against what this machine can do at best.</summary>
internal static class BenchCommand
{
    private const int DefaultRuns = 5;

    internal static Command Create(TextWriter output, TextWriter error)
    {
        var settings = new ModelSettings();
        var runs = new Option<int>("--runs") { Description = "How often each is measured; the median counts.", DefaultValueFactory = _ => DefaultRuns };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of text." };
        var command = new Command(
            "bench", "Measures prompts, answers and pictures of a model, each beside a probe of this machine's limit.") { runs, asJson };
        settings.AddTo(command);
        command.SetWork((parsed, cancellation) =>
        {
            int times = parsed.GetValue(runs) is >= 1 and var given
                ? given
                : throw new CommandException($"--runs is {parsed.GetValue(runs)}, expected 1 or more");
            settings.Configure(parsed);
            string path = settings.Path(parsed);
            LoadedModel model = Waiting.While(error, $"loading {path}", () => ModelLoader.Load(path, settings.Load(parsed)));
            using var timer = new BenchTimer(times);
            var bench = new ModelBench(path, model, settings.Load(parsed).Precision, settings.Engine(parsed).CacheType, timer);
            IReadOnlyList<BenchRow> rows = [];
            try
            {
                Waiting.Steps(error, "measuring", bench.Count, done => rows = bench.Run(done, cancellation));
            }
            catch (OperationCanceledException)
            {
                throw new StoppedException("stopped");
            }

            if (parsed.GetValue(asJson))
            {
                JsonOutput.Write(output, json => WriteJson(json, model, rows));
            }
            else
            {
                Print(new Screen(output), model, rows);
            }

            return 0;
        });
        return command;
    }

    private static void Print(Screen screen, LoadedModel model, IReadOnlyList<BenchRow> rows)
    {
        screen.Heading(FormattableString.Invariant($"{model.Path} ({model.ModelType}), {WorkerPool.Available} threads"));
        screen.Table([.. rows.Select(row => new[]
        {
            row.Name,
            FormattableString.Invariant($"{row.Rate:0.##} {row.Unit}"),
            FormattableString.Invariant($"{row.Milliseconds:0.###} ms"),
            row.Percent is { } percent ? FormattableString.Invariant($"{percent:0} % of {row.Peak}") : "",
        })]);
    }

    private static void WriteJson(Utf8JsonWriter json, LoadedModel model, IReadOnlyList<BenchRow> rows)
    {
        json.WriteStartObject();
        json.WriteString("model", model.Path);
        json.WriteString("model_type", model.ModelType);
        json.WriteNumber("threads", WorkerPool.Available);
        json.WriteStartArray("measurements");
        foreach (BenchRow row in rows)
        {
            json.WriteStartObject();
            json.WriteString("name", row.Name);
            json.WriteNumber("rate", row.Rate);
            json.WriteString("unit", row.Unit);
            json.WriteNumber("milliseconds", row.Milliseconds);
            json.WriteString("limit", row.Percent is null ? null : row.Peak);
            JsonOutput.Number(json, "percent", row.Percent);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
