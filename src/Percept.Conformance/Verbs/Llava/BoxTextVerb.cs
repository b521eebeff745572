using System.Text.Json;
using Percept.Media;
using Percept.Models;

namespace Percept.Conformance;

/// <summary>
/// Boxes and points between pixels, numbers and text, of a <c>file</c>: <c>normalize</c>, <c>format</c>, <c>extract</c>,
/// <c>extract_tokens</c>.
/// </summary>
internal static class BoxTextVerb
{
    internal static void Run(RunContext context)
    {
        using JsonDocument document = JsonDocument.Parse(context.Bytes(context.Args.Text("file")));
        foreach (JsonProperty part in document.RootElement.EnumerateObject())
        {
            if (part.Name == "num_bins")
            {
                context.Judge(part.Name, part.Value.GetInt32() == 1001 ? null : $"is {part.Value}, and there are 1001 bins only");
                continue;
            }

            Func<JsonElement, string?> judge = part.Name switch
            {
                "normalize" => Normalize,
                "format" => Format,
                "extract" => Extract,
                "extract_tokens" => ExtractTokens,
                _ => throw new NotUnderstoodException($"the table '{part.Name}' is not known"),
            };
            context.JudgeAll(part.Name, part.Value.EnumerateArray().Select(judge).ToArray());
        }
    }

    private static string? Normalize(JsonElement line)
    {
        var frame = new SquareFrame(new(line.GetProperty("height").GetInt32(), line.GetProperty("width").GetInt32()));
        double[] pixels = Values(line.GetProperty("box"));
        var box = new ImageBox(pixels[0], pixels[1], pixels[2], pixels[3]);
        ImageBox square = frame.OnSquare(box);
        TextBox text = frame.ToText(box);
        return Same(line, "expanded", [square.Left, square.Top, square.Right, square.Bottom])
            ?? Same(line, "normalized", [text.Left, text.Top, text.Right, text.Bottom])
            ?? Same(line, "text", BoxText.Format([text]))
            ?? Same(line, "tokens", BoxText.Format([text], BoxNotation.Bins))
            ?? (line.TryGetProperty("point", out JsonElement point) ? NormalizePoint(line, frame, Values(point)) : null)
            ?? (line.TryGetProperty("pixels_back", out _) ? Back(line, frame.ToSquare(text)) : null);
    }

    private static string? NormalizePoint(JsonElement line, SquareFrame frame, double[] point)
    {
        ImageBox spot = frame.OnSquare(new(point[0], point[1], point[0], point[1]));
        TextPoint text = frame.ToText(point[0], point[1]);
        return Same(line, "point_expanded", [spot.Left, spot.Top])
            ?? Same(line, "point_normalized", [text.X, text.Y])
            ?? Same(line, "point_text", BoxText.Format([text]));
    }

    private static string? Back(JsonElement line, ImageBox box) =>
        Same(line, "pixels_back", [box.Left, box.Top, box.Right, box.Bottom]);

    private static string? Format(JsonElement line)
    {
        string sentence = line.GetProperty("sentence").GetString()!;
        IReadOnlyList<IReadOnlyList<TextBox>> boxes =
        [
            .. line.GetProperty("boxes_seq").EnumerateArray().Select(group =>
                (IReadOnlyList<TextBox>)[.. group.EnumerateArray().Select(Values).Select(n => new TextBox(n[0], n[1], n[2], n[3]))]),
        ];
        return Same(line, "text", BoxText.Fill(sentence, boxes))
            ?? Same(line, "text_small", BoxText.Fill(sentence, boxes, BoxNotation.Round));
    }

    private static string? Extract(JsonElement line)
    {
        string text = line.GetProperty("text").GetString()!;
        return Found(line, "boxes", BoxText.Boxes(text)) ?? Found(line, "points", BoxText.Points(text))
            ?? Found(line, "boxes_small", BoxText.Boxes(text, BoxNotation.Round))
            ?? Found(line, "points_small", BoxText.Points(text, BoxNotation.Round));
    }

    private static string? ExtractTokens(JsonElement line)
    {
        string text = line.GetProperty("text").GetString()!;
        return Found(line, "boxes", BoxText.Boxes(text, BoxNotation.Bins)) ?? Found(line, "points", BoxText.Points(text, BoxNotation.Bins));
    }

    private static string? Found(JsonElement line, string name, IReadOnlyList<IReadOnlyList<TextBox>> groups) => Found(
        line, name, [.. groups.Select(group => group.Select(box => new[] { box.Left, box.Top, box.Right, box.Bottom }).ToArray())]);

    private static string? Found(JsonElement line, string name, IReadOnlyList<IReadOnlyList<TextPoint>> groups) =>
        Found(line, name, [.. groups.Select(group => group.Select(point => new[] { point.X, point.Y }).ToArray())]);

    private static string? Found(JsonElement line, string name, double[][][] got)
    {
        double[][][] want =
        [
            .. line.GetProperty(name).EnumerateArray().Select(group => group.EnumerateArray().Select(Values).ToArray()),
        ];
        string Show(double[][][] groups) => JoinAll('|', groups.Select(group => JoinAll(';', group.Select(item => Join(item)))));
        return Show(want) == Show(got) ? null : $"{name} of '{line.GetProperty("text").GetString()}' are {Show(got)}, expected {Show(want)}";
    }

    private static string? Same(JsonElement line, string name, double[] got)
    {
        double[] want = Values(line.GetProperty(name));
        return want.SequenceEqual(got) ? null : $"{name} is {Join(got)}, expected {Join(want)}";
    }

    private static string? Same(JsonElement line, string name, string got)
    {
        string want = line.GetProperty(name).GetString()!;
        return want == got ? null : $"{name} is '{got}', expected '{want}'";
    }

    private static double[] Values(JsonElement list) => [.. list.EnumerateArray().Select(static item => item.GetDouble())];

    private static string Join(double[] values) =>
        JoinAll(',', values.Select(static value => value.ToString("r", System.Globalization.CultureInfo.InvariantCulture)));

    private static string JoinAll(char separator, IEnumerable<string> texts) => string.Join(separator, texts);
}
