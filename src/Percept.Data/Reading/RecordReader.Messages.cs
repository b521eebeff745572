using System.Text.Json;

namespace Percept.Data;

/// <content>Messages with their parts.</content>
internal sealed partial class RecordReader
{
    private List<DataMessage> Messages(JsonElement list, RecordMedia media, ProblemList problems)
    {
        var messages = new List<DataMessage>();
        foreach (JsonElement entry in list.EnumerateArray())
        {
            if (ReadMessage(entry, media, problems) is { } message)
            {
                messages.Add(message);
            }
        }

        return messages;
    }

    private static DataMessage Message(string role, string text, RecordMedia media)
    {
        var parts = new List<DataPart>();
        media.Split(text, parts);
        return new DataMessage(role, parts);
    }

    private DataMessage? ReadMessage(JsonElement entry, RecordMedia media, ProblemList problems)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            problems.Add(DataProblemKind.Malformed, $"a message is {entry.ValueKind}; an object was expected", "Write role and content");
            return null;
        }

        string? name = entry.Get(columns.RoleKey, "role", "from").Text();
        string? role = name is null ? null : columns.RoleOf(name);
        if (role is null)
        {
            string known = string.Join(
                ", ", columns.Roles.Keys.Concat([DataRoles.System, DataRoles.User, DataRoles.Assistant, DataRoles.Tool]).Order());
            problems.Add(
                DataProblemKind.UnknownRole, name is null ? "a message has neither 'role' nor 'from'" : $"the role '{name}' is not known",
                $"Use one of {known}, or name it in the tags");
            role = name ?? "";
        }

        var parts = new List<DataPart>();
        switch (entry.Get(columns.ContentKey, "content", "value"))
        {
            case { ValueKind: JsonValueKind.String } text:
                media.Split(text.GetString()!, parts);
                break;
            case { ValueKind: JsonValueKind.Array } list:
                foreach (JsonElement part in list.EnumerateArray())
                {
                    ReadPart(part, parts, media, problems);
                }

                break;
            case null when entry.Get("tool_calls") is { } calls:
                parts.Add(calls.GetRawText());
                break;
            case { } other:
                problems.Add(
                    DataProblemKind.Malformed, $"a content is {other.ValueKind}; a text or a list of parts was expected",
                    "Write the text");
                break;
            default:
                problems.Add(DataProblemKind.Malformed, "a message has neither 'content' nor 'value'", "Write the text");
                break;
        }

        var message = new DataMessage(role, parts);
        return Supervised(entry) is { } learns ? message with { IsSupervised = learns && role == DataRoles.Assistant } : message;
    }

    private static void ReadPart(JsonElement part, List<DataPart> parts, RecordMedia media, ProblemList problems)
    {
        if (part.ValueKind == JsonValueKind.String)
        {
            media.Split(part.GetString()!, parts);
            return;
        }

        string? type = part.ValueKind == JsonValueKind.Object ? part.Get("type").Text() : null;
        DataPartKind? kind = type switch
        {
            "text" => DataPartKind.Text,
            "image" or "image_url" or "input_image" => DataPartKind.Image,
            "video" or "video_url" => DataPartKind.Video,
            "audio" or "audio_url" or "input_audio" => DataPartKind.Audio,
            _ => null,
        };
        if (kind is not { } known)
        {
            problems.Add(
                DataProblemKind.Malformed, type is null ? "a part of a content has no 'type'" : $"the part type '{type}' is not known",
                "Use text, image, video or audio");
            return;
        }

        if (known == DataPartKind.Text)
        {
            // Where media are parts, a mark in a text is text.
            if (part.Get("text").Text() is { } text)
            {
                parts.Add(text);
            }
            else
            {
                problems.Add(DataProblemKind.Malformed, "a part of type 'text' has no 'text'", "Write the text");
            }
        }
        else if (part.Get("path", "url", "image_url", "video_url", "audio_url", "image", "video", "audio", "bytes") is { } value)
        {
            JsonElement own = part.Get("bytes") is null ? value : part;
            if (media.Read(known, own) is { } reference)
            {
                parts.Add(reference);
            }
        }
        else
        {
            media.Next(known, parts);
        }
    }

    /// <summary>What a message says of whether it is to be learnt: <c>train</c>, <c>loss</c> or <c>weight</c>.</summary>
    private static bool? Supervised(JsonElement entry) => entry.Get("train", "loss", "weight") switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.Number } number => number.GetDouble() != 0,
        _ => null,
    };
}
