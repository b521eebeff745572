namespace Percept.Cli;

/// <summary>A line of <c>percept bench</c>.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Rate">How much a second, the median.</param>
/// <param name="Unit">Of what.</param>
/// <param name="Milliseconds">The median time of a run.</param>
/// <param name="Peak">The limit of the machine that it is compared with; empty where there is none.</param>
/// <param name="Percent">The share of that limit, measured right before each run; null where there is none.</param>
internal sealed record BenchRow(string Name, double Rate, string Unit, double Milliseconds, string Peak, double? Percent);
