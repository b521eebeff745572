using System.Text.Json;
using Percept.Checkpoints;

namespace Percept.Evaluation;

/// <summary>Everything that the answers of a run depend on; a run is continued only where all of it is the same.</summary>
internal static class RunSettings
{
    private const string File = "settings.json";

    // A list of what a picture holds is longer than most answers.
    private const int LeastOwnTokens = 256;

    /// <summary>The most tokens of what the model writes itself before the question.</summary>
    internal static int OwnTokensOf(IEvaluationTask task) => Math.Max(task.MaxAnswerTokens, LeastOwnTokens);

    /// <summary>The settings of a task and an answerer.</summary>
    internal static IReadOnlyList<KeyValuePair<string, string>> Of(IEvaluationTask task, IAnswerer answerer) =>
    [
        KeyValuePair.Create("task", task.Name),
        KeyValuePair.Create("task_version", task.Version),
        KeyValuePair.Create("convention", task.Convention),
        KeyValuePair.Create("data", task.Data.Name),
        KeyValuePair.Create("data_sha256", task.Data.Hash),
        KeyValuePair.Create("samples", FormattableString.Invariant($"{task.Data.Samples.Count}")),
        KeyValuePair.Create("max_answer_tokens", FormattableString.Invariant($"{task.MaxAnswerTokens}")),
        .. task.Data.Samples.Any(sample => sample.History.Any(turn => turn.IsOwn))
            ? (KeyValuePair<string, string>[])[KeyValuePair.Create("max_own_tokens", FormattableString.Invariant($"{OwnTokensOf(task)}"))] : [],
        .. answerer.Settings,
        KeyValuePair.Create("percept", typeof(RunSettings).Assembly.GetName().Version?.ToString(3) ?? "unknown"),
    ];

    /// <summary>Writes the settings of a new run, or checks that those of an old one are the same.</summary>
    /// <exception cref="InvalidOperationException">They are not; the message names what differs.</exception>
    internal static void Require(string folder, IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        string path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path))
        {
            AtomicFile.Write(path, stream =>
            {
                using var json = new Utf8JsonWriter(stream, RowFile.Writing with { Indented = true });
                json.WriteStartObject();
                foreach ((string name, string value) in settings)
                {
                    json.WriteString(name, value);
                }

                json.WriteEndObject();
            });
            return;
        }

        Dictionary<string, string> before = Read(path);
        string[] differences =
        [
            .. settings.Where(pair => before.GetValueOrDefault(pair.Key) != pair.Value)
                .Select(pair => $"{pair.Key} was '{before.GetValueOrDefault(pair.Key, "not there")}' and is '{pair.Value}'"),
            .. before.Keys.Except(settings.Select(pair => pair.Key)).Select(name => $"{name} was '{before[name]}' and is gone"),
        ];
        if (differences.Length > 0)
        {
            throw new InvalidOperationException(
                $"'{folder}' holds a run with other settings: {string.Join("; ", differences)}. Give another folder, or delete this one.");
        }
    }

    private static Dictionary<string, string> Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllBytes(path));
            return document.RootElement.EnumerateObject()
                .ToDictionary(pair => pair.Name, pair => pair.Value.GetString() ?? string.Empty, StringComparer.Ordinal);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{path}' holds no settings of a run ({error.Message}). Give another folder.", error);
        }
    }
}
