using System.Text.Json;
using System.Text.Json.Nodes;

namespace Percept.Cli;

/// <summary>The pictures and questions that come with Percept: <c>models/percept-tiny/demo</c>.</summary>
internal sealed class DemoSet
{
    private const string Name = "percept-tiny";
    private const string File = "demo.json";

    private DemoSet(string model, IReadOnlyList<DemoQuestion> questions) => (Model, Questions) = (model, questions);

    /// <summary>The folder of the model that the questions come with.</summary>
    internal string Model { get; }

    /// <summary>The questions in order.</summary>
    internal IReadOnlyList<DemoQuestion> Questions { get; }

    /// <summary>Reads what lies beside the program, or in a folder of the repository above it.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    internal static DemoSet Find()
    {
        foreach (string start in (string[])[AppContext.BaseDirectory, Environment.CurrentDirectory])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string model = Path.Combine(folder.FullName, "models", Name);
                if (System.IO.File.Exists(Path.Combine(model, "demo", File)))
                {
                    return Read(model);
                }
            }
        }

        throw new CommandException(
            $"the folder models/{Name} is neither beside the program nor above it; run the command inside the repository of Percept");
    }

    /// <summary>Reads a model's folder.</summary>
    /// <param name="model">The folder; its questions are in <c>demo/demo.json</c>, pictures beside them.</param>
    /// <exception cref="CommandException">The questions cannot be read.</exception>
    internal static DemoSet Read(string model)
    {
        string folder = Path.Combine(model, "demo"), path = Path.Combine(folder, File);
        try
        {
            JsonArray all = JsonNode.Parse(System.IO.File.ReadAllText(path))!.AsArray();
            return new DemoSet(model, [.. all.Select(node => Question(folder, node!.AsObject()))]);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new CommandException($"'{path}' is no list of pictures, question and answer; take the file from the repository again");
        }
    }

    private static DemoQuestion Question(string folder, JsonObject json) => new(
        [.. json["pictures"]!.AsArray().Select(name => Path.Combine(folder, name!.GetValue<string>()))],
        json["question"]!.GetValue<string>(), json["answer"]!.GetValue<string>());
}
