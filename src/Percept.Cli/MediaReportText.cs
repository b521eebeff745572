using System.Globalization;
using System.Text.Json;
using Percept.Models;
using Spectre.Console;

namespace Percept.Cli;

/// <summary>Prints what files are.</summary>
internal static class MediaReportText
{
    private const string Unknown = "–";

    internal static void Print(Screen screen, IReadOnlyList<MediaReport> reports, bool tellsOfProcessor)
    {
        foreach (MediaReport report in reports)
        {
            screen.Heading($"{report.Path}: {report.Kind}");
            screen.Table([.. report.Facts.Select(fact => new[] { fact.Name, Text(fact.Value) })]);
            screen.Line();
            if (report.Plans.Count > 0)
            {
                PrintPlans(screen, report.Plans, tellsOfProcessor);
                screen.Line();
            }
        }
    }

    private static void PrintPlans(Screen screen, IReadOnlyList<PlannedPicture> plans, bool tellsOfProcessor)
    {
        List<string[]> rows = [["family", "resized", "canvas", "tile", "grid", "pictures", "patches", "tokens"]];
        rows.AddRange(plans.Where(planned => planned.Plan is not null).Select(planned => Row(planned.Name, planned.Plan!)));
        screen.Table(rows, row => row == 0 ? Color.Grey : null);
        foreach (PlannedPicture refused in plans.Where(planned => planned.Plan is null))
        {
            screen.Line($"  {refused.Name} refuses it: {refused.Refusal!.ReplaceLineEndings(" ")}", Color.Yellow);
        }

        screen.Line("  Sizes, grids and patches are height × width, of one picture or frame, upright.", Color.Grey);
        if (tellsOfProcessor && plans.Any(planned => planned.Plan is { Tokens: null }))
        {
            screen.Line($"  {Unknown}: the class's own settings do not tell; name a checkpoint's folder with --processor.", Color.Grey);
        }
    }

    private static string[] Row(string name, ImagePlan plan) =>
    [
        name, plan.Resized.ToString(), plan.Canvas.ToString(), plan.Tile.ToString(), plan.Grid.ToString(), Text(plan.Tiles),
        plan.Patches?.ToString() ?? Unknown, plan.Tokens is { } tokens ? Text(tokens) : Unknown,
    ];

    private static string Text(object value) => value switch
    {
        bool flag => flag ? "yes" : "no",
        double number => number.ToString("0.###", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    internal static void WriteJson(Utf8JsonWriter json, IReadOnlyList<MediaReport> reports)
    {
        json.WriteStartArray();
        foreach (MediaReport report in reports)
        {
            json.WriteStartObject();
            json.WriteString("path", report.Path);
            json.WriteString("kind", report.Kind);
            foreach ((string name, object value) in report.Facts)
            {
                WriteFact(json, name.Replace(' ', '_'), value);
            }

            json.WriteStartArray("processors");
            foreach (PlannedPicture planned in report.Plans)
            {
                WritePlan(json, planned);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFact(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int or long:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number:
                JsonOutput.Number(json, name, number);
                break;
            default:
                json.WriteString(name, Text(value));
                break;
        }
    }

    private static void WritePlan(Utf8JsonWriter json, PlannedPicture planned)
    {
        json.WriteStartObject();
        json.WriteString("family", planned.Name);
        if (planned.Plan is not { } plan)
        {
            json.WriteString("refused", planned.Refusal);
            json.WriteEndObject();
            return;
        }

        WriteSize(json, "resized", plan.Resized);
        WriteSize(json, "canvas", plan.Canvas);
        WriteSize(json, "tile", plan.Tile);
        WriteSize(json, "grid", plan.Grid);
        json.WriteNumber("pictures", plan.Tiles);
        if (plan.Patches is { } patches)
        {
            WriteSize(json, "patches", patches);
        }

        if (plan.Tokens is { } tokens)
        {
            json.WriteNumber("tokens", tokens);
        }

        json.WriteEndObject();
    }

    /// <summary>Height and width, in this order.</summary>
    private static void WriteSize(Utf8JsonWriter json, string name, ImageSize size)
    {
        json.WriteStartArray(name);
        json.WriteNumberValue(size.Height);
        json.WriteNumberValue(size.Width);
        json.WriteEndArray();
    }
}
