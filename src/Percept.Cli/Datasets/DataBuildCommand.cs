using System.CommandLine;
using Microsoft.Extensions.AI;
using Percept.Checkpoints;
using Percept.Data;
using Percept.Inference;
using Spectre.Console;

namespace Percept.Cli;

/// <summary><c>percept data build ANNOTATIONS… --output FILE</c>: instruction data from annotations.</summary>
internal static class DataBuildCommand
{
    internal static Command Create(TextWriter output)
    {
        var files = new Argument<string[]>("annotations")
        {
            Description = "Files of annotations: COCO captions and instances, VQA questions and annotations, scene graphs.",
            Arity = ArgumentArity.OneOrMore,
        };
        var result = new Option<string>("--output", "-o")
        {
            Description = "The file to write: LLaVA's records, .json or .jsonl.",
            Required = true,
        };
        var images = new Option<string?>("--images") { Description = "The folder of the pictures; looked at for --evaluation." };
        var prefix = new Option<string>("--image-prefix")
        {
            Description = "Put before each picture's name in the records.",
            DefaultValueFactory = _ => "",
        };
        var format = new Option<string?>("--file-format")
        {
            Description = "Names of pictures that are known by a number alone, such as COCO_train2014_{0:D12}.jpg.",
        };
        var kinds = new Option<string[]>("--kinds")
        {
            Description = "Which kinds are made: conversation, detail, reasoning (default: all).",
            AllowMultipleArgumentsPerToken = true,
        };
        kinds.AcceptOnlyFromAmong("conversation", "detail", "reasoning");
        var model = new Option<string?>("--writer")
        {
            Description = $"A model that writes them, local or {AnswererSource.Form} (default: sentences with places for facts, without a model).",
        };
        var evaluation = new Option<string[]>("--evaluation")
        {
            Description = "Datasets that the result must be apart from: files, folders, or names such as nlvr:FOLDER?split=test.",
            AllowMultipleArgumentsPerToken = true,
        };
        var parallel = new Option<int>("--parallel")
        {
            Description = "How many are written at the same time.",
            DefaultValueFactory = _ => 4,
        };
        var most = new Option<int?>("--max-images") { Description = "Takes only the first pictures." };
        var seed = new Option<ulong>("--seed") { Description = "What the choice of sentences follows from." };
        var asJson = new Option<bool>("--json") { Description = "Print the report as one JSON document." };
        var command = new Command("build", "Makes instruction data from annotations; goes on where a stopped build ended.")
        {
            files, result, images, prefix, format, kinds, model, evaluation, parallel, most, seed, asJson,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(parallel) < 1)
            {
                throw new CommandException($"--parallel is {parsed.GetValue(parallel)}, expected 1 or more");
            }

            var annotations = new AnnotationSet(parsed.GetValue(format));
            foreach (string file in parsed.GetValue(files)!)
            {
                string path = CommandPaths.Expand(file);
                CommandPaths.CheckFile("file", path);
                annotations.Add(path);
            }

            string[] sets = parsed.GetValue(evaluation) ?? [];
            ContaminationIndex? apart = sets.Length > 0 ? new ContaminationIndex() : null;
            foreach (string set in sets)
            {
                if (GeneratedDatasets.Knows(set))
                {
                    apart!.Add(set, GeneratedDatasets.Open(set), cancellation);
                    continue;
                }

                string path = CommandPaths.Expand(set);
                apart!.Add(Path.GetFileName(path), DatasetReader.Open(path), cancellation);
            }

            IReadOnlyList<AnnotatedImage> known = annotations.Images;
            known = parsed.GetValue(most) is { } first ? [.. known.Take(first)] : known;
            string[] chosen = parsed.GetValue(kinds) ?? [];
            using IChatClient? client = parsed.GetValue(model) is not { } name ? null
                : AnswererSource.FindRemote(name) is { } remote ? remote
                : PerceptChatClient.Load(ModelLocator.Resolve(name));
            var builder = new InstructionBuilder(
                client is null ? new TemplateWriter(parsed.GetValue(seed)) : new ChatClientWriter(client),
                new BuildOptions
                {
                    Kinds = chosen.Length == 0 ? new BuildOptions().Kinds : [.. chosen.Distinct().Select(Kind)],
                    Parallelism = parsed.GetValue(parallel),
                    ImagePrefix = parsed.GetValue(prefix)!,
                    ImageRoot = parsed.GetValue(images) is { } folder ? CommandPaths.Expand(folder) : null,
                    Evaluation = apart,
                });
            BuildReport report = await builder.BuildAsync(known, CommandPaths.Expand(parsed.GetValue(result)!), null, cancellation).ConfigureAwait(false);
            if (parsed.GetValue(asJson))
            {
                WriteJson(output, report, annotations.Unmatched, apart);
            }
            else
            {
                Print(new Screen(output), report, annotations.Unmatched, apart);
            }

            return report.Failures.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static InstructionKind Kind(string name) => name switch
    {
        "conversation" => InstructionKind.Conversation,
        "detail" => InstructionKind.Detail,
        _ => InstructionKind.ComplexReasoning,
    };

    private static IEnumerable<(string Name, int Count)> Figures(BuildReport report, int unmatched, ContaminationIndex? apart) =>
    [
        ("pictures", report.Images), ("asked", report.Asked), ("from an earlier run", report.FromEarlierRun), ("written", report.Written),
        ("not enough known", report.NotEnoughKnown), ("tried again", report.Retried), ("failed", report.Failures.Count),
        ("questions without an answer, or the other way round", unmatched),
        ("pictures of evaluation sets that cannot be read", apart?.Unreadable ?? 0),
        ("pictures that cannot be read and were compared with none", apart?.UnreadableTraining ?? 0),
    ];

    private static void Print(Screen screen, BuildReport report, int unmatched, ContaminationIndex? apart)
    {
        List<string[]> rows = [.. Figures(report, unmatched, apart).Select(one => new[] { one.Name, Number(one.Count) })];
        rows.AddRange(report.Dropped.Select(one => new[] { "dropped: " + one.Key, Number(one.Value) }));
        rows.AddRange(report.Kept.Select(one => new[] { "kept: " + one.Key, Number(one.Value) }));
        screen.Table(rows);
        foreach ((string id, string reason) in report.Failures)
        {
            screen.Line($"{id}: {reason}", Color.Red);
        }
    }

    private static void WriteJson(TextWriter output, BuildReport report, int unmatched, ContaminationIndex? apart) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        foreach ((string name, int count) in Figures(report, unmatched, apart))
        {
            json.WriteNumber(name.Replace(' ', '_').Replace(",", "", StringComparison.Ordinal), count);
        }

        foreach ((string name, IReadOnlyDictionary<string, int> counts) in new[] { ("dropped", report.Dropped), ("kept", report.Kept) })
        {
            json.WriteStartObject(name);
            foreach ((string reason, int count) in counts)
            {
                json.WriteNumber(reason, count);
            }

            json.WriteEndObject();
        }

        json.WriteStartArray("failures");
        foreach ((string id, string reason) in report.Failures)
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("overlaps");
        foreach ((string id, Contamination overlap) in report.Overlaps)
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("set", overlap.Set);
            json.WriteString("sample", overlap.Id);
            json.WriteString("reason", overlap.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
