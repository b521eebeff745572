using System.CommandLine;
using Percept.Checkpoints;
using Percept.Evaluation;
using Percept.Inference;
using Percept.Models;

namespace Percept.Cli;

/// <summary>Opens the models that words of a command line name: local ones, and <c>openai:ADDRESS#NAME</c> for remote ones.</summary>
internal sealed class AnswererSource : IDisposable
{
    /// <summary>How a remote model is written.</summary>
    internal const string Form = "openai:ADDRESS#NAME, such as openai:http://localhost:8080/v1#qwen2-vl";

    private const string Remote = "openai:";
    private const string KeyVariable = "OPENAI_API_KEY";

    private readonly IDisposable _model;

    private AnswererSource(IAnswerer answerer, IDisposable model)
    {
        Answerer = answerer;
        _model = model;
    }

    /// <summary>The model.</summary>
    internal IAnswerer Answerer { get; }

    /// <summary>Whether a word names a model: a folder or file of one, an adapter's folder, one of the hub's cache, or a remote one.</summary>
    internal static bool IsModel(string word)
    {
        if (word.StartsWith(Remote, StringComparison.Ordinal))
        {
            return true;
        }

        try
        {
            string path = string.IsNullOrWhiteSpace(word) ? "" : ModelLocator.Resolve(word);
            return Directory.Exists(path)
                ? File.Exists(Path.Combine(path, "config.json")) || AdapterFolder.Is(path)
                : path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Opens a model.</summary>
    /// <param name="word">How it is named.</param>
    /// <param name="name">What reports call it; null for its own name.</param>
    /// <param name="settings">How local models run.</param>
    /// <param name="task">How many questions are answered at a time, and in which style.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="error">Where it shows that loading goes on.</param>
    internal static AnswererSource Open(
        string word, string? name, ModelSettings settings, TaskSettings task, ParseResult parsed, TextWriter error)
    {
        int? together = task.Together(parsed);
        if (FindRemote(word) is not { } client)
        {
            var options = new AnswerOptions { Adjust = LocalAnswerer.Greedy, Style = task.Style(parsed) };
            MultimodalChat chat = settings.Open(parsed, word, error, out _);
            return new AnswererSource(
                new LocalAnswerer(
                    chat, options, name, together ?? new EngineOptions().MaxSequences, settings.Computed(parsed)),
                chat);
        }

        return new AnswererSource(
            together is { } width ? new ChatClientAnswerer(client, name, together: width) : new ChatClientAnswerer(client, name), client);
    }

    /// <summary>The client of a remote model; null where the word names none.</summary>
    /// <exception cref="CommandException">It names one wrongly.</exception>
    internal static OpenAiChatClient? FindRemote(string word)
    {
        if (!word.StartsWith(Remote, StringComparison.Ordinal))
        {
            return null;
        }

        string[] parts = word[Remote.Length..].Split('#', 2);
        return parts.Length == 2 && parts[1].Length > 0 && Uri.TryCreate(parts[0], UriKind.Absolute, out Uri? address)
            ? new OpenAiChatClient(address, parts[1], Environment.GetEnvironmentVariable(KeyVariable))
            : throw new CommandException($"'{word}' names no remote model; write {Form}");
    }

    /// <summary>Names for reports: the last part of each path, or the whole where two would be the same.</summary>
    internal static string[] Names(IReadOnlyList<string> words)
    {
        string[] names =
        [
            .. words.Select(word => word.StartsWith(Remote, StringComparison.Ordinal)
                ? word[(word.IndexOf('#', StringComparison.Ordinal) + 1)..]
                : Path.GetFileName(Path.TrimEndingDirectorySeparator(word))),
        ];
        return [.. names.Select((name, i) => names.Count(other => other == name) > 1 ? words[i] : name)];
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}
