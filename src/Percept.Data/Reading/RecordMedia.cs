using System.Text.Json;

namespace Percept.Data;

/// <summary>The media that one record lists, handed out in order to the marks in its texts.</summary>
internal sealed class RecordMedia
{
    private static readonly DataPartKind[] s_kinds = [DataPartKind.Image, DataPartKind.Video, DataPartKind.Audio];

    private readonly MediaPaths _paths;
    private readonly ProblemList _problems;
    private readonly (string Mark, DataPartKind Kind)[] _marks;
    private readonly Dictionary<DataPartKind, List<MediaReference?>> _listed = [];
    private readonly Dictionary<DataPartKind, int> _asked = [];

    /// <param name="record">The record.</param>
    /// <param name="columns">The names of its keys.</param>
    /// <param name="paths">Finds files.</param>
    /// <param name="problems">Where problems go.</param>
    /// <param name="pictureKey">The key of pictures where the columns name none; null for the usual ones.</param>
    internal RecordMedia(JsonElement record, DataColumns columns, MediaPaths paths, ProblemList problems, string? pictureKey = null)
    {
        _paths = paths;
        _problems = problems;
        _marks =
        [
            (columns.ImageMark, DataPartKind.Image), (columns.VideoMark, DataPartKind.Video), (columns.AudioMark, DataPartKind.Audio),
        ];
        List(DataPartKind.Image, record.Get(columns.Images ?? pictureKey, "images", "image"));
        List(DataPartKind.Video, record.Get(columns.Videos, "videos", "video"));
        List(DataPartKind.Audio, record.Get(columns.Audios, "audios", "audio"));
    }

    private RecordMedia(RecordMedia other)
    {
        _paths = other._paths;
        _problems = other._problems;
        _marks = other._marks;
        _listed = other._listed;
    }

    /// <summary>Whether the record lists media at all.</summary>
    internal bool Any => _listed.Values.Any(list => list.Count > 0);

    /// <summary>The same media, of which none has been asked for; for a second telling of the same conversation.</summary>
    internal RecordMedia Again() => new(this);

    /// <summary>All media that no mark has asked for yet, as parts.</summary>
    internal IReadOnlyList<DataPart> TakeRest()
    {
        var parts = new List<DataPart>();
        foreach (DataPartKind kind in s_kinds)
        {
            for (int i = _asked.GetValueOrDefault(kind); i < _listed[kind].Count; i++)
            {
                Next(kind, parts);
            }
        }

        return parts;
    }

    /// <summary>The next medium of a kind; leaves the part out where there is none, which <see cref="CheckCounts"/> tells.</summary>
    internal void Next(DataPartKind kind, List<DataPart> parts)
    {
        int number = _asked.GetValueOrDefault(kind);
        _asked[kind] = number + 1;
        if (number < _listed[kind].Count && _listed[kind][number] is { } media)
        {
            parts.Add(media);
        }
    }

    /// <summary>Adds a text, with media in the places of its marks.</summary>
    internal void Split(string text, List<DataPart> parts)
    {
        int start = 0;
        while (FirstMark(text, start) is { } mark)
        {
            // A line break beside a mark belongs to the mark: prompts of models write their own.
            int end = mark.At > start && text[mark.At - 1] == '\n' ? mark.At - 1 : mark.At;
            AddText(text[start..end], parts);
            Next(mark.Kind, parts);
            start = mark.At + mark.Length;
            start += start < text.Length && text[start] == '\n' ? 1 : 0;
        }

        AddText(text[start..], parts);
    }

    /// <summary>A medium that stands in a message itself: a path, a data address, or an object that holds one of them.</summary>
    internal MediaReference? Read(DataPartKind kind, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return Named(kind, value.GetString()!);
            case JsonValueKind.Object when value.Get("bytes") is { ValueKind: JsonValueKind.String } bytes:
                return Encoded(kind, value.Get("path").Text() ?? "bytes", bytes.GetString()!);
            case JsonValueKind.Object when value.Get("path", "url", "image", "video", "audio", "file_name") is { ValueKind: JsonValueKind.String } path:
                return Named(kind, path.GetString()!);
            case JsonValueKind.Array when kind == DataPartKind.Video:
                return FrameFiles(value);
            default:
                _problems.Add(
                    DataProblemKind.Malformed, $"a medium is {value.ValueKind}; a path, or an object with 'path' or 'bytes', was expected",
                    "Write the path of the file");
                return null;
        }
    }

    /// <summary>Tells where marks and media differ in number.</summary>
    internal void CheckCounts()
    {
        foreach ((string mark, DataPartKind kind) in _marks)
        {
            int asked = _asked.GetValueOrDefault(kind);
            int listed = _listed[kind].Count;
            if (asked != listed)
            {
                _problems.Add(
                    DataProblemKind.MarkCount, $"there are {asked} marks {mark} in the messages for {listed} listed files",
                    asked < listed ? $"Add a {mark} where each file belongs, or remove files" : $"Add files, or remove marks {mark}");
            }
        }
    }

    private void List(DataPartKind kind, JsonElement? value)
    {
        List<MediaReference?> list = _listed[kind] = [];
        if (value is not { } given || given is { ValueKind: JsonValueKind.String } && given.GetString()!.Length == 0)
        {
            return;
        }

        if (given.ValueKind == JsonValueKind.Array)
        {
            list.AddRange(given.EnumerateArray().Select(one => Read(kind, one)));
        }
        else
        {
            list.Add(Read(kind, given));
        }
    }

    private (int At, int Length, DataPartKind Kind)? FirstMark(string text, int start)
    {
        (int At, int Length, DataPartKind Kind)? first = null;
        foreach ((string mark, DataPartKind kind) in _marks)
        {
            int at = text.IndexOf(mark, start, StringComparison.Ordinal);
            if (at >= 0 && (first is null || at < first.Value.At))
            {
                first = (at, mark.Length, kind);
            }
        }

        return first;
    }

    private static void AddText(string text, List<DataPart> parts)
    {
        if (text.Length > 0)
        {
            parts.Add(text);
        }
    }

    private MediaReference? Named(DataPartKind kind, string name)
    {
        if (name.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            int comma = name.IndexOf(',');
            return Encoded(kind, comma < 0 ? name : name[..comma], name[(comma + 1)..]);
        }

        if (name.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || name.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            _problems.Add(DataProblemKind.OutsideMedia, $"'{name}' is on the web and is not fetched", "Download it and write its path");
            return null;
        }

        if (Find(name) is not { } path)
        {
            return null;
        }

        return MediaReference.File(kind, path, name);
    }

    private MediaReference? FrameFiles(JsonElement value)
    {
        var paths = new List<string>();
        string first = "";
        foreach (JsonElement frame in value.EnumerateArray())
        {
            if (frame.ValueKind != JsonValueKind.String)
            {
                _problems.Add(
                    DataProblemKind.Malformed, $"a frame is {frame.ValueKind}; a path was expected", "Write the paths of the frames");
                return null;
            }

            first = paths.Count == 0 ? frame.GetString()! : first;
            if (Find(frame.GetString()!) is not { } path)
            {
                return null;
            }

            paths.Add(path);
        }

        if (paths.Count == 0)
        {
            _problems.Add(DataProblemKind.Malformed, "a clip has an empty list of frames", "List at least one frame");
            return null;
        }

        return MediaReference.Frames($"{first} … ({paths.Count} frames)", paths);
    }

    private string? Find(string name)
    {
        if (name.Length == 0 || name.Contains('\0'))
        {
            _problems.Add(DataProblemKind.Malformed, "the path of a medium is empty or no path", "Write the path of the file");
            return null;
        }

        string path = _paths.Find(name, out (DataProblemKind Kind, string Message, string NextStep)? problem);
        if (problem is { } found)
        {
            _problems.Add(found.Kind, found.Message, found.NextStep);
            return null;
        }

        return path;
    }

    private MediaReference? Encoded(DataPartKind kind, string name, string base64)
    {
        byte[] bytes = new byte[(base64.Length / 4 * 3) + 3];
        if (Convert.TryFromBase64String(base64, bytes, out int written) && written > 0)
        {
            return MediaReference.Bytes(kind, name, bytes.AsMemory(0, written));
        }

        _problems.Add(DataProblemKind.DamagedMedia, $"the bytes of '{name}' are no base64", "Encode the file as base64");
        return null;
    }
}
