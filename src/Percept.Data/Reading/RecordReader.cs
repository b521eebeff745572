using System.Text.Json;

namespace Percept.Data;

/// <summary>Turns one JSON record into a sample; what kind of record it is, is told by its keys.</summary>
/// <remarks>Safe for several threads.</remarks>
/// <param name="columns">The names of keys and roles.</param>
/// <param name="paths">Finds media.</param>
/// <param name="pictureKey">The key of pictures where the columns name none; null for the usual ones.</param>
internal sealed partial class RecordReader(DataColumns columns, MediaPaths paths, string? pictureKey = null)
{
    private static readonly string[] s_mediaEndings =
        [.. DatasetReader.PictureEndings, ".wav", ".mp3", ".flac", ".mp4", ".mov", ".avi", ".mkv", ".webm"];

    /// <summary>Reads a record.</summary>
    /// <returns>The sample as far as it can be read; null where nothing of it can.</returns>
    internal DatasetSample? Read(JsonElement record, ProblemList problems)
    {
        if (record.ValueKind != JsonValueKind.Object)
        {
            problems.Add(
                DataProblemKind.Malformed, $"the record is {record.ValueKind}; an object was expected", "Write each sample as an object");
            return null;
        }

        string? id = record.Get("id", "question_id", "uid").Text();
        problems.Id = id;
        var media = new RecordMedia(record, columns, paths, problems, pictureKey);
        DatasetSample? sample = Conversation(record, media, problems)
            ?? Question(record, media, problems)
            ?? Captioned(record, media);
        if (sample is null)
        {
            string keys = string.Join(", ", record.EnumerateObject().Select(field => $"'{field.Name}'").Take(12));
            problems.Add(
                DataProblemKind.Malformed,
                $"the record has none of 'conversations', 'messages', 'instruction', 'prompt', 'question', 'caption' or 'text', but {keys}",
                "Name the keys with columns, as dataset_info.json does");
            return null;
        }

        media.CheckCounts();
        string? unread = media.Any || sample.Media.Any() ? null : record.EnumerateObject()
            .Where(field => field.Name is not ("id" or "question_id" or "uid") && IsMediaFile(field.Value)).Select(field => field.Name).FirstOrDefault();
        if (unread is not null)
        {
            problems.Add(
                DataProblemKind.UnreadMedia, $"'{unread}' names a file of media, and the record has no key for media that is read",
                "Call it 'image', 'images', 'video', 'videos', 'audio' or 'audios', or name it with columns");
        }

        SampleSource source = problems.Source;
        return sample with
        {
            Id = id ?? FormattableString.Invariant($"{Path.GetFileName(source.File)}:{source.Line}"),
            Source = source,
            IsDesirable = Judged(record),
            Tools = record.Get(columns.Tools) is { } tools ? tools.ValueKind == JsonValueKind.String ? tools.GetString() : tools.GetRawText() : null,
        };
    }

    private static bool IsMediaFile(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() is { Length: < 512 } text && !text.Contains(' ', StringComparison.Ordinal)
            && s_mediaEndings.Contains(Path.GetExtension(text), StringComparer.OrdinalIgnoreCase),
        JsonValueKind.Array => value.GetArrayLength() > 0 && IsMediaFile(value[0]),
        _ => false,
    };

    /// <summary>A record that lists messages, and may have a better and a worse end.</summary>
    private DatasetSample? Conversation(JsonElement record, RecordMedia media, ProblemList problems)
    {
        JsonElement? given = record.Get(columns.Messages, "messages", "conversations");
        JsonElement? prompt = record.Get(columns.Prompt, "prompt");
        given = given.IsList() ? given : prompt.IsList() ? prompt : null;
        JsonElement? chosen = record.Get(columns.Chosen);
        bool isPair = chosen is not null && record.Get(columns.Rejected) is not null;
        if (given is null && !(isPair && chosen.IsList() && !prompt.IsText()))
        {
            return null;
        }

        List<DataMessage> messages = given is { } list ? Messages(list, media, problems) : [];
        if (record.Get(columns.System).Text() is { Length: > 0 } system && !messages.Exists(message => message.Role == DataRoles.System))
        {
            messages.Insert(0, DataMessage.System(system));
        }

        return isPair ? Pair(record, messages, media, problems) : new DatasetSample { Id = "", Messages = messages };
    }

    /// <summary>A record of one question with its answer, or with a better and a worse one.</summary>
    private DatasetSample? Question(JsonElement record, RecordMedia media, ProblemList problems)
    {
        JsonElement? question = record.Get(columns.Prompt, "instruction", "prompt", "question");
        JsonElement? answer = record.Get(columns.Response, "output", "response", "answer");
        bool isPair = record.Get(columns.Chosen) is not null && record.Get(columns.Rejected) is not null;
        if (!question.IsText() || (answer is null && !isPair))
        {
            return null;
        }

        var messages = new List<DataMessage>();
        if (record.Get(columns.System).Text() is { Length: > 0 } system)
        {
            messages.Add(DataMessage.System(system));
        }

        AddHistory(record, messages, media, problems);
        string text = question.Text()!;
        if (record.Get(columns.Query, "input").Text() is { Length: > 0 } query)
        {
            text = text.Length > 0 ? text + "\n" + query : query;
        }

        var parts = new List<DataPart>();
        media.Split(text, parts);
        if (messages.TrueForAll(message => !message.Media.Any()) && !parts.Exists(part => part.Media is not null) && media.Any
            && columns.Images is null && record.Get("images", "videos", "audios") is null)
        {
            // Rows of question answering name their picture and have no marks.
            parts.InsertRange(0, media.TakeRest());
        }

        messages.Add(new DataMessage(DataRoles.User, parts));
        if (isPair)
        {
            return Pair(record, messages, media, problems);
        }

        if (answer.IsList() && answer!.Value.GetArrayLength() == 2 && answer.Value[0].ValueKind == JsonValueKind.String)
        {
            return new DatasetSample
            {
                Id = "",
                Messages = messages,
                Chosen = [DataMessage.Assistant(answer.Value[0].GetString()!)],
                Rejected = [DataMessage.Assistant(((JsonElement?)answer.Value[1]).Text() ?? "")],
            };
        }

        if (answer.Text() is not { } reply)
        {
            problems.Add(
                DataProblemKind.Malformed, $"the answer is {answer!.Value.ValueKind}; a text was expected", "Write the answer as a text");
            reply = "";
        }

        messages.Add(Message(DataRoles.Assistant, reply, media));
        return new DatasetSample { Id = "", Messages = messages };
    }

    /// <summary>A record of a medium and what describes it.</summary>
    private static DatasetSample? Captioned(JsonElement record, RecordMedia media) =>
        media.Any && record.Get("caption", "text").Text() is { } caption ? CaptionSample.Of(media.TakeRest(), caption) : null;

    /// <summary>The ends of a preference pair: texts, single messages, lists of messages, or whole conversations.</summary>
    private DatasetSample Pair(JsonElement record, List<DataMessage> prompt, RecordMedia media, ProblemList problems)
    {
        JsonElement better = record.Get(columns.Chosen)!.Value;

        // Both ends may repeat the conversation; its media are listed once.
        bool isTold = better.ValueKind == JsonValueKind.Array && prompt.Exists(message => message.Role == DataRoles.User);
        List<DataMessage> chosen = End(better, isTold ? media.Again() : media, problems);
        List<DataMessage> rejected = End(record.Get(columns.Rejected)!.Value, media.Again(), problems);
        int common = 0;
        while (common < chosen.Count - 1 && common < rejected.Count - 1 && Same(chosen[common], rejected[common]))
        {
            common++;
        }

        if (common > 0)
        {
            prompt = isTold ? prompt : [.. prompt, .. chosen.Take(common)];
        }

        return new DatasetSample
        {
            Id = "",
            Messages = prompt,
            Chosen = chosen[common..],
            Rejected = rejected[common..],
        };
    }

    private List<DataMessage> End(JsonElement end, RecordMedia media, ProblemList problems)
    {
        switch (end.ValueKind)
        {
            case JsonValueKind.String:
                return [Message(DataRoles.Assistant, end.GetString()!, media)];
            case JsonValueKind.Object:
                return ReadMessage(end, media, problems) is { } one ? [one] : [];
            case JsonValueKind.Array:
                return Messages(end, media, problems);
            default:
                problems.Add(DataProblemKind.Malformed, $"an answer of the pair is {end.ValueKind}", "Write it as a text or as messages");
                return [];
        }
    }

    private static bool Same(DataMessage first, DataMessage second) => first.Role == second.Role && first.Text == second.Text;

    private bool? Judged(JsonElement record) => record.Get(columns.Desirable)?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private void AddHistory(JsonElement record, List<DataMessage> messages, RecordMedia media, ProblemList problems)
    {
        if (record.Get(columns.History) is not { ValueKind: JsonValueKind.Array } history)
        {
            return;
        }

        foreach (JsonElement pair in history.EnumerateArray())
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2
                || ((JsonElement?)pair[0]).Text() is not { } question || ((JsonElement?)pair[1]).Text() is not { } answer)
            {
                problems.Add(DataProblemKind.Malformed, "a turn of the history is no pair of two texts", "Write [question, answer]");
                continue;
            }

            messages.Add(Message(DataRoles.User, question, media));
            messages.Add(Message(DataRoles.Assistant, answer, media));
        }
    }
}
