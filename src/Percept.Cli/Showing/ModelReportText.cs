using System.Globalization;
using Percept.Models;

namespace Percept.Cli;

/// <summary>Prints what <c>percept show</c> tells.</summary>
internal static class ModelReportText
{
    internal static void Print(Screen screen, ModelReport report)
    {
        screen.Heading($"{report.Model.Path}: {report.Kind} ({report.Model.ModelType})");
        screen.Table([
            .. report.Facts.Select(fact => new[] { fact.Name, fact.Value }),
            ["takes", string.Join(", ", report.Takes)],
        ]);
        PrintParts(screen, report);
        PrintPictures(screen, report);
        PrintMemory(screen, report.Memory);
        PrintPrompt(screen, report);
        PrintRest(screen, report);
    }

    private static void PrintParts(Screen screen, ModelReport report)
    {
        screen.Line();
        screen.Heading($"Parts, {Count(report.Model.Report.Parameters)} parameters");
        screen.Table([.. report.Parts.Select(part => new[]
        {
            part.Name, Count(part.Parameters), ByteSize.Text(part.Bytes),
            string.Join(", ", part.Types.Select(type => part.Types.Count == 1 ? $"{type.Type}" : $"{type.Type} {Count(type.Parameters)}")),
        })]);
    }

    private static void PrintPictures(Screen screen, ModelReport report)
    {
        if (report.Pictures.Count > 0)
        {
            screen.Line();
            screen.Heading("Tokens of a picture");
            screen.Table([.. report.Pictures.Select(picture => new[]
            {
                string.Create(CultureInfo.InvariantCulture, $"{picture.Size.Width}×{picture.Size.Height}"),
                string.Create(CultureInfo.InvariantCulture, $"{picture.Tokens}"),
            })]);
        }
    }

    private static void PrintMemory(Screen screen, MemoryPlan memory)
    {
        screen.Line();
        screen.Heading("Memory");
        List<string[]> rows = [["weights, mapped from the files", ByteSize.Text(memory.Mapped)]];
        if (memory.Own > 0)
        {
            rows.Add(["weights, converted", ByteSize.Text(memory.Own)]);
        }

        rows.AddRange(memory.Cache.Select(cache => new[]
        {
            string.Create(CultureInfo.InvariantCulture, $"{MemoryPlan.CacheTokens} tokens in the cache, {Name(cache.Type)}"),
            cache.Bytes is { } bytes ? ByteSize.Text(bytes) : "does not fit this model",
        }));
        if (memory.Activations > 0)
        {
            rows.Add(["activations, about", ByteSize.Text(memory.Activations)]);
        }

        screen.Table(rows);
    }

    private static void PrintPrompt(Screen screen, ModelReport report)
    {
        if (report.Prompt is null && report.Problem is null)
        {
            return;
        }

        screen.Line();
        screen.Heading(report.HasTemplate ? "A question by the model's chat template" : "A question");
        if (report.Prompt is { } prompt)
        {
            foreach (string line in PromptView.Lines(prompt))
            {
                screen.Line($"  │{line}");
            }

            screen.Line($"  answers end with {(report.StopTokens.Count == 0 ? "nothing but their length" : string.Join(", ", report.StopTokens))}");
        }
        else
        {
            screen.Line($"  it cannot be asked: {report.Problem}");
        }
    }

    private static void PrintRest(Screen screen, ModelReport report)
    {
        if (report.Model.UnreadKeys.Count > 0)
        {
            screen.Line();
            screen.Heading("Settings that nothing in the model looks at");
            screen.Line($"  {string.Join(", ", report.Model.UnreadKeys)}");
        }

        if (report.Model.Report.Ignored.Count > 0)
        {
            screen.Line();
            screen.Heading("Tensors that the model does not need");
            screen.Table([.. report.Model.Report.Ignored.Select(tensor => new[] { tensor.Key, tensor.Value })]);
        }
    }

    /// <summary>What a storage of the cache is called on the command line.</summary>
    internal static string Name(KvCacheType type) => type switch { KvCacheType.F32 => "f32", KvCacheType.F16 => "f16", _ => "q8" };

    private static string Count(long number) => number switch
    {
        >= 1_000_000_000 => FormattableString.Invariant($"{number / 1e9:f2} B"),
        >= 1_000_000 => FormattableString.Invariant($"{number / 1e6:f1} M"),
        >= 10_000 => FormattableString.Invariant($"{number / 1e3:f1} k"),
        _ => FormattableString.Invariant($"{number}"),
    };
}
