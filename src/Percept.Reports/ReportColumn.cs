namespace Percept.Reports;

/// <summary>A column of a table.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Numeric">Whether its cells are numbers: they are set to the right, in figures of one width.</param>
public sealed record ReportColumn(string Name, bool Numeric = false);
