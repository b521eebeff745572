using System.Text.Json;

namespace Percept.Data;

/// <summary>
/// The names of keys and roles in records. A name that is null stands for the usual ones, which are told apart by what a record
/// has; the entries of LLaMA-Factory's <c>dataset_info.json</c> (<c>columns</c> and <c>tags</c>) set them.
/// </summary>
public sealed record DataColumns
{
    /// <summary>The usual names.</summary>
    public static DataColumns Default { get; } = new();

    /// <summary>The list of messages; <c>conversations</c> or <c>messages</c>.</summary>
    public string? Messages { get; init; }

    /// <summary>The question; <c>instruction</c>, <c>prompt</c> or <c>question</c>.</summary>
    public string? Prompt { get; init; }

    /// <summary>What follows the question on a line of its own; <c>input</c>.</summary>
    public string? Query { get; init; }

    /// <summary>The answer; <c>output</c>, <c>response</c> or <c>answer</c>.</summary>
    public string? Response { get; init; }

    /// <summary>Earlier pairs of question and answer; <c>history</c>.</summary>
    public string History { get; init; } = "history";

    /// <summary>Standing instructions; <c>system</c>.</summary>
    public string System { get; init; } = "system";

    /// <summary>Tools that may be called; <c>tools</c>.</summary>
    public string Tools { get; init; } = "tools";

    /// <summary>The better answer; <c>chosen</c>.</summary>
    public string Chosen { get; init; } = "chosen";

    /// <summary>The worse answer; <c>rejected</c>.</summary>
    public string Rejected { get; init; } = "rejected";

    /// <summary>Whether the answer is a good one; <c>kto_tag</c>.</summary>
    public string Desirable { get; init; } = "kto_tag";

    /// <summary>The pictures; <c>images</c> or <c>image</c>.</summary>
    public string? Images { get; init; }

    /// <summary>The clips; <c>videos</c> or <c>video</c>.</summary>
    public string? Videos { get; init; }

    /// <summary>The sounds; <c>audios</c> or <c>audio</c>.</summary>
    public string? Audios { get; init; }

    /// <summary>The key of a message's role; <c>from</c> or <c>role</c>.</summary>
    public string? RoleKey { get; init; }

    /// <summary>The key of a message's content; <c>value</c> or <c>content</c>.</summary>
    public string? ContentKey { get; init; }

    /// <summary>Further names of roles, to those of <see cref="DataRoles"/>.</summary>
    public IReadOnlyDictionary<string, string> Roles { get; init; } = new Dictionary<string, string>
    {
        ["human"] = DataRoles.User,
        ["gpt"] = DataRoles.Assistant,
        ["model"] = DataRoles.Assistant,
        ["chatgpt"] = DataRoles.Assistant,
        ["function_call"] = DataRoles.Assistant,
        ["observation"] = DataRoles.Tool,
        ["function_response"] = DataRoles.Tool,
    };

    /// <summary>The mark that stands for a picture in a text.</summary>
    public string ImageMark { get; init; } = "<image>";

    /// <summary>The mark that stands for a clip in a text.</summary>
    public string VideoMark { get; init; } = "<video>";

    /// <summary>The mark that stands for sound in a text.</summary>
    public string AudioMark { get; init; } = "<audio>";

    /// <summary>Reads an entry of <c>dataset_info.json</c>.</summary>
    /// <param name="entry">The entry: an object with <c>columns</c> and <c>tags</c>, both optional.</param>
    /// <exception cref="InvalidDataException">A name is no text.</exception>
    public static DataColumns FromJson(JsonElement entry)
    {
        JsonElement? columns = Child(entry, "columns");
        JsonElement? tags = Child(entry, "tags");
        var roles = new Dictionary<string, string>(Default.Roles);
        foreach ((string tag, string role) in s_roleTags)
        {
            if (Name(tags, tag) is { } name)
            {
                roles[name] = role;
            }
        }

        return new DataColumns
        {
            Messages = Name(columns, "messages"),
            Prompt = Name(columns, "prompt"),
            Query = Name(columns, "query"),
            Response = Name(columns, "response"),
            History = Name(columns, "history") ?? Default.History,
            System = Name(columns, "system") ?? Default.System,
            Tools = Name(columns, "tools") ?? Default.Tools,
            Chosen = Name(columns, "chosen") ?? Default.Chosen,
            Rejected = Name(columns, "rejected") ?? Default.Rejected,
            Desirable = Name(columns, "kto_tag") ?? Default.Desirable,
            Images = Name(columns, "images"),
            Videos = Name(columns, "videos"),
            Audios = Name(columns, "audios"),
            RoleKey = Name(tags, "role_tag"),
            ContentKey = Name(tags, "content_tag"),
            Roles = roles,
        };
    }

    private static readonly (string Tag, string Role)[] s_roleTags =
    [
        ("user_tag", DataRoles.User),
        ("assistant_tag", DataRoles.Assistant),
        ("observation_tag", DataRoles.Tool),
        ("function_tag", DataRoles.Assistant),
        ("system_tag", DataRoles.System),
    ];

    /// <summary>A role by its name in a file; null where nobody knows it.</summary>
    internal string? RoleOf(string name) => Roles.TryGetValue(name, out string? role) ? role : DataRoles.IsKnown(name) ? name : null;

    private static JsonElement? Child(JsonElement entry, string key) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(key, out JsonElement child) ? child : null;

    private static string? Name(JsonElement? parent, string key) => parent is { } element && Child(element, key) is { } value
        ? value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw new InvalidDataException($"'{key}' of a dataset's entry is {value.ValueKind}, a text was expected.")
        : null;
}
