using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Percept.Media;

/// <summary>A clip that the FFmpeg program decodes.</summary>
internal sealed class FfmpegClip : IClipSource
{
    private const long MostProbeBytes = 64 << 20;
    private const int MostHeaderBytes = 64;

    /// <summary>Characters of a filter expression; a command line of Windows holds 32767 in all.</summary>
    private const int MostSelection = 16_000;

    private readonly string _path;
    private readonly FfmpegProgram _program;
    private double[]? _times;

    internal FfmpegClip(string path, FfmpegProgram program, DecodeGuard guard)
    {
        _path = path;
        _program = program;
        Info = Probe(guard);
    }

    public ClipInfo Info { get; }

    public IEnumerable<Image> Read(IReadOnlyList<int> indices, DecodeGuard guard)
    {
        for (int first = 0; first < indices.Count;)
        {
            (string selection, int count) = Selection(indices, first);
            foreach (Image frame in Read(selection, count, guard))
            {
                yield return frame;
                first++;
                count--;
            }

            if (count > 0)
            {
                yield break;
            }
        }
    }

    private IEnumerable<Image> Read(string selection, int count, DecodeGuard guard)
    {
        // Frames are numbered anew at the output's own rate, so that none is doubled or dropped for its time; the program
        // stops behind the last one wanted.
        using FfmpegRun run = FfmpegRun.Start(
            _program.FfmpegPath, _path, ["-nostdin", "-hide_banner", "-v", "error"],
            [
                "-map", "0:v:0", "-an", "-sn", "-dn", "-vf", $"select='{selection}',settb=1/25,setpts=N", "-r", "25",
                "-frames:v", Invariant(count), "-pix_fmt", "rgb24", "-c:v", "ppm", "-f", "image2pipe", "pipe:1",
            ],
            guard);
        for (int i = 0; i < count; i++)
        {
            if (ReadFrame(run) is not { } frame)
            {
                break;
            }

            yield return frame;
        }

        run.Finish();
    }

    public double[]? Timestamps(DecodeGuard guard)
    {
        double[] times = _times ?? ReadTimes("packet=pts_time", guard);

        // Not every packet is a frame that is shown: where the counts differ, only decoding tells.
        _times = times.Length == Info.FrameCount ? times : ReadTimes("frame=best_effort_timestamp_time", guard);
        return _times;
    }

    public Sound? ReadSound(DecodeGuard guard) => Info.HasSound ? FfmpegAudio.Decode(_path, _program, guard) : null;

    /// <summary>
    /// A filter expression that is true for the frames wanted, from one on: runs of numbers in a row as ranges, as many as one
    /// command line takes.
    /// </summary>
    /// <param name="indices">The frames, ascending.</param>
    /// <param name="first">The place of the first one that is not read yet.</param>
    /// <returns>The expression, and how many frames it chooses.</returns>
    internal static (string Expression, int Count) Selection(IReadOnlyList<int> indices, int first)
    {
        var expression = new StringBuilder();
        int next = first;
        while (next < indices.Count && expression.Length < MostSelection)
        {
            int last = next;
            while (last + 1 < indices.Count && indices[last + 1] == indices[last] + 1)
            {
                last++;
            }

            expression.Append(expression.Length == 0 ? "" : "+").Append(last == next
                ? $"eq(n,{Invariant(indices[next])})"
                : $"between(n,{Invariant(indices[next])},{Invariant(indices[last])})");
            next = last + 1;
        }

        return (expression.ToString(), next - first);
    }

    private Image? ReadFrame(FfmpegRun run)
    {
        // "P6\n<width> <height>\n255\n"
        var header = new StringBuilder();
        Span<byte> one = stackalloc byte[1];
        for (int newlines = 0; newlines < 3;)
        {
            if (run.Read(one) == 0)
            {
                return header.Length == 0 ? null : throw Odd();
            }

            newlines += one[0] == '\n' ? 1 : 0;
            header.Append((char)one[0]);
            if (header.Length > MostHeaderBytes)
            {
                throw Odd();
            }
        }

        string[] parts = header.ToString().Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["P6", var w, var h, "255"]
            || !int.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            || !int.TryParse(h, NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            || width != Info.Width || height != Info.Height)
        {
            throw Odd();
        }

        Image image = Image.Uninitialized(width, height, PixelFormat.Rgb);
        return run.Read(image.Pixels) == image.Pixels.Length ? image : throw Odd();

        InvalidDataException Odd() => new(
            $"FFmpeg gave a frame of '{Path.GetFileName(_path)}' that is cut off or not of {Info.Width}×{Info.Height} pixels.");
    }

    private ClipInfo Probe(DecodeGuard guard)
    {
        const string Entries = "format=duration:stream=codec_type,codec_name,width,height,avg_frame_rate,r_frame_rate,nb_frames,duration"
            + ":stream_disposition=attached_pic:stream_tags=rotate:stream_side_data=rotation";
        JsonElement root = Json(["-show_entries", Entries, "-of", "json"], guard);
        JsonElement? video = null;
        bool sound = false;
        foreach (JsonElement stream in Items(root, "streams"))
        {
            string type = Text(stream, "codec_type");
            sound |= type == "audio";
            bool cover = stream.TryGetProperty("disposition", out JsonElement flags) && Number(flags, "attached_pic") == 1;
            video ??= type == "video" && !cover ? stream : null;
        }

        if (video is not { } found)
        {
            throw new InvalidDataException($"'{Path.GetFileName(_path)}' has no pictures; it is a sound or no clip at all.");
        }

        int width = (int)(Number(found, "width") ?? 0);
        int height = (int)(Number(found, "height") ?? 0);
        guard.CheckPicture(Text(found, "codec_name"), width, height);
        int rotation = Rotation(found);
        double? rate = Rate(found, "avg_frame_rate") ?? Rate(found, "r_frame_rate");
        double? seconds = Number(found, "duration")
            ?? (root.TryGetProperty("format", out JsonElement format) ? Number(format, "duration") : null);
        if (seconds > guard.Limits.MaxSeconds)
        {
            throw new MediaLimitException(FormattableString.Invariant(
                $"The clip lasts {seconds:f0} s, more than the {guard.Limits.MaxSeconds:f0} s allowed; ") +
                $"raise {nameof(MediaLimits)}.{nameof(MediaLimits.MaxSeconds)} or cut it first.");
        }

        if (Number(found, "nb_frames") is not { } stated)
        {
            // Where the header does not tell, the clip is decoded once: packets may hold frames that are never shown.
            _times = ReadTimes("frame=best_effort_timestamp_time", guard);
            stated = _times.Length;
        }

        int frames = (int)Math.Min(stated, int.MaxValue);
        bool turned = rotation % 180 != 0;
        return new ClipInfo(
            turned ? height : width, turned ? width : height, frames, rate ?? frames / seconds, seconds, rotation, sound,
            Text(found, "codec_name"));
    }

    /// <summary>The times of all packets or frames in the order of showing, from the first on.</summary>
    private double[] ReadTimes(string entry, DecodeGuard guard)
    {
        using FfmpegRun run = FfmpegRun.Start(
            _program.FfprobePath, _path, ["-v", "error"], ["-select_streams", "v:0", "-show_entries", entry, "-of", "csv=p=0"], guard);
        string[] lines = Encoding.ASCII.GetString(run.ReadAll(MostProbeBytes)).Split('\n', StringSplitOptions.TrimEntries);
        run.Finish();
        var times = new List<double>();
        foreach (string line in lines.Where(line => line.Length > 0))
        {
            bool known = double.TryParse(line.TrimEnd(','), NumberStyles.Float, CultureInfo.InvariantCulture, out double time);
            times.Add(known ? time : times.LastOrDefault());
        }

        times.Sort();
        return [.. times.Select(time => time - times[0])];
    }

    private JsonElement Json(string[] arguments, DecodeGuard guard)
    {
        using FfmpegRun run = FfmpegRun.Start(_program.FfprobePath, _path, ["-v", "error"], arguments, guard);
        byte[] answer = run.ReadAll(MostProbeBytes);
        run.Finish();
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"ffprobe's answer on '{Path.GetFileName(_path)}' is not JSON: {error.Message}", error);
        }
    }

    private static int Rotation(JsonElement stream)
    {
        double? degrees = Items(stream, "side_data_list").Select(data => Number(data, "rotation")).FirstOrDefault(r => r is not null);
        if (degrees is null && stream.TryGetProperty("tags", out JsonElement tags))
        {
            degrees = -Number(tags, "rotate");
        }

        return degrees is { } value && double.IsFinite(value) ? ((int)Math.Round(value) % 360 + 360) % 360 : 0;
    }

    private static double? Rate(JsonElement stream, string name)
    {
        string[] parts = Text(stream, name).Split('/');
        return parts.Length == 2
            && double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double above)
            && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double below)
            && above > 0 && below > 0
                ? above / below
                : null;
    }

    private static IEnumerable<JsonElement> Items(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? (IEnumerable<JsonElement>)list.EnumerateArray()
            : [];

    private static string Text(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>A number, which ffprobe writes as a number or as a text.</summary>
    private static double? Number(JsonElement owner, string name) => !owner.TryGetProperty(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number ? value.GetDouble()
        : value.ValueKind == JsonValueKind.String
            && double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number
            : null;

    private static string Invariant(int value) => value.ToString(CultureInfo.InvariantCulture);
}
