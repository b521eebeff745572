using System.Text.Json;
using Percept.Checkpoints;
using Percept.Reports;

namespace Percept.Evaluation;

/// <summary>Writes a report for programs and one for people into a folder.</summary>
internal static class ReportFiles
{
    /// <summary>Writes <c>report.json</c> and <c>report.html</c>, each as a whole or not at all.</summary>
    /// <param name="folder">The folder; made where it is not there.</param>
    /// <param name="json">Writes the JSON document.</param>
    /// <param name="page">The page.</param>
    internal static void Save(string folder, Action<Utf8JsonWriter> json, HtmlReport page)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, "report.json"), stream =>
        {
            using var writer = new Utf8JsonWriter(stream, RowFile.Writing with { Indented = true });
            json(writer);
        });
        AtomicFile.Write(Path.Combine(folder, "report.html"), page.Write);
    }
}
