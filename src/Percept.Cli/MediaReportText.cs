using System.Globalization;
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
            if (report.Note is { } note)
            {
                screen.Line($"  {note}", Color.Yellow);
            }

            screen.Line();
            Print(screen, report.Clips, ["family", "frames", "resized", "canvas", "grid", "tokens"], Row,
                "The whole clip: frames as the family's settings choose them; sizes are height × width, a grid is time × rows × columns.");
            Print(screen, report.Pictures, ["family", "resized", "canvas", "tile", "grid", "pictures", "patches", "tokens"], Row,
                "Sizes, grids and patches are height × width, of one picture or frame, upright.");
            Print(screen, report.Sounds, ["family", "features", "shape", "frames", "of sound", "cut", "tokens"], Row,
                "Frames in time, padding included; of sound: those that the sound fills; cut: whether a part is left out.");
            if (tellsOfProcessor && HasUnknownTokens(report))
            {
                screen.Line(
                    $"  {Unknown}: no prompt, or the class's own settings do not tell; name a checkpoint's folder with --processor.",
                    Color.Grey);
                screen.Line();
            }
        }
    }

    /// <summary>A value as text; a dash for one that is not known.</summary>
    internal static string Text(object? value) => value switch
    {
        null => Unknown,
        bool flag => flag ? "yes" : "no",
        double number => number.ToString("0.###", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static void Print<TPlan>(
        Screen screen, IReadOnlyList<Planned<TPlan>> plans, string[] heads, Func<string, TPlan, string[]> row, string legend)
        where TPlan : class
    {
        if (plans.Count == 0)
        {
            return;
        }

        string[][] rows = [.. plans.Where(planned => planned.Plan is not null).Select(planned => row(planned.Name, planned.Plan!))];
        if (rows.Length > 0)
        {
            screen.Table([heads, .. rows], index => index == 0 ? Color.Grey : null);
            screen.Line($"  {legend}", Color.Grey);
        }

        foreach (Planned<TPlan> refused in plans.Where(planned => planned.Plan is null))
        {
            screen.Line($"  {refused.Name} refuses it: {refused.Refusal!.ReplaceLineEndings(" ")}", Color.Yellow);
        }

        screen.Line();
    }

    private static string[] Row(string name, ImagePlan plan) =>
    [
        name, plan.Resized.ToString(), plan.Canvas.ToString(), plan.Tile.ToString(), plan.Grid.ToString(), Text(plan.Tiles),
        plan.Patches?.ToString() ?? Unknown, Text(plan.Tokens),
    ];

    private static string[] Row(string name, VideoPlan plan) =>
    [
        name, Text(plan.Frames), plan.Resized.ToString(), plan.Canvas.ToString(),
        plan.Grid is { } grid ? FormattableString.Invariant($"{grid.Time}×{grid.Rows}×{grid.Columns}") : Unknown, Text(plan.Tokens),
    ];

    private static string[] Row(string name, AudioPlan plan) =>
    [
        name, plan.Output, string.Join('×', plan.Shape.Select(side => Text(side))), Text(plan.Frames), Text(plan.ValidFrames),
        Text(plan.IsCut), Text(plan.Tokens),
    ];

    private static bool HasUnknownTokens(MediaReport report) =>
        report.Pictures.Any(planned => planned.Plan is { Tokens: null })
        || report.Clips.Any(planned => planned.Plan is { Tokens: null })
        || report.Sounds.Any(planned => planned.Plan is { Tokens: null });
}
