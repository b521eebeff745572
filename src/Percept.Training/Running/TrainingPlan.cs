using System.Globalization;
using System.Text;

namespace Percept.Training;

/// <summary>What a run is going to do, told before its first step.</summary>
public sealed record TrainingPlan
{
    /// <summary>What stands for the first sample where there is none.</summary>
    internal const string NoSample = "none";

    private const int Shown = 20;

    /// <summary>What the run is called.</summary>
    public required string Name { get; init; }

    /// <summary>The folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>The parts of the model.</summary>
    public required IReadOnlyList<PlannedPart> Parts { get; init; }

    /// <summary>How many steps there are.</summary>
    public required int Steps { get; init; }

    /// <summary>How many of them are done: those of a run that goes on.</summary>
    public int Done { get; init; }

    /// <summary>How many ranks share each step.</summary>
    public int Ranks { get; init; } = 1;

    /// <summary>The most samples of a step, of all ranks together.</summary>
    public required int SamplesPerStep { get; init; }

    /// <summary>The datasets: name, samples in all, samples of an epoch.</summary>
    public required IReadOnlyList<(string Name, int Samples, long PerEpoch)> Data { get; init; }

    /// <summary>What is wrong with samples, as the validation found it.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>How many samples were looked at by the validation; 0 where it is off, and in a run that goes on, whose data have been looked at.</summary>
    public required int Validated { get; init; }

    /// <summary>The memory that the run is thought to take at most, by what it is for, in bytes.</summary>
    public required IReadOnlyList<(string What, long Bytes)> Memory { get; init; }

    /// <summary>
    /// How long the steps that are left are thought to take, from their operations and the speed of a product on this machine now; null where answers are
    /// sampled, whose length nobody knows. Progress tells better after some steps.
    /// </summary>
    public TimeSpan? Time { get; init; }

    /// <summary>The first sample as the model gets it: what is learned stands in ⟦brackets⟧.</summary>
    public required string Sample { get; init; }

    /// <summary>How many numbers the model has.</summary>
    public long Parameters => Parts.Sum(part => part.Parameters);

    /// <summary>How many of them are trained.</summary>
    public long Trained => Parts.Sum(part => part.Trained);

    /// <summary>The memory that the run is thought to take at most, in bytes.</summary>
    public long PeakBytes => Memory.Sum(pair => pair.Bytes);

    /// <summary>How many times the data are gone through.</summary>
    public double Epochs => Steps * (double)SamplesPerStep / Math.Max(1, Data.Sum(data => data.PerEpoch));

    /// <summary>How many samples have an id that another one has; training does not need ids.</summary>
    public int RepeatedIds { get; init; }

    /// <summary>The plan as text of several lines, with the first problems.</summary>
    public override string ToString() => Text(Shown);

    /// <summary>The plan as text of several lines.</summary>
    /// <param name="most">How many problems it tells at most.</param>
    public string Text(int most)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Name}: {Model}\n");
        foreach (PlannedPart part in Parts)
        {
            double share = part.Parameters == 0 ? 0 : 100.0 * part.Trained / part.Parameters;
            text.Append(
                CultureInfo.InvariantCulture, $"  {part.Name,-16} {part.Parameters,15:n0} parameters, {part.Trained,15:n0} trained ({share:f2} %)\n");
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"  {"together",-16} {Parameters,15:n0} parameters, {Trained,15:n0} trained ({100.0 * Trained / Math.Max(1, Parameters):f2} %)\n");
        text.Append(
            CultureInfo.InvariantCulture, $"steps: {Steps}, up to {SamplesPerStep} samples each{(Ranks > 1 ? $" in {Ranks} ranks" : "")}, {Epochs:g3} epochs\n");
        foreach ((string name, int samples, long perEpoch) in Data)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {name}: {samples} samples, {perEpoch} an epoch\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"memory: about {PeakBytes / 1048576.0:f1} MiB at most{(Ranks > 1 ? " in each rank" : "")}\n");
        foreach ((string what, long bytes) in Memory)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {what}: {bytes / 1048576.0:f1} MiB\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"time: {(Time is { } time ? $"about {Span(time)}{(Done > 0 ? $" for the {Steps - Done} steps that are left" : "")}" : Sample == NoSample ? "not known without a sample" : "not known before answers are sampled")}\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"validation: {(Validated == 0 ? Done > 0 ? "not repeated: the run goes on" : "off" : $"{Validated} samples, {Problems.Count} problems{(RepeatedIds > 0 ? $", {RepeatedIds} ids that stand more than once" : "")}")}\n");
        foreach (string problem in Problems.Take(most))
        {
            text.Append("  ").Append(problem).Append('\n');
        }

        if (Problems.Count > most)
        {
            text.Append(CultureInfo.InvariantCulture, $"  and {Problems.Count - most} more\n");
        }

        return text.Append("first sample, what is learned in ⟦⟧:\n").Append(Sample).Append('\n').ToString();
    }

    private static string Span(TimeSpan time) => time.TotalMinutes < 2
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, time.TotalSeconds):f0} s")
        : time.TotalHours < 2
            ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:f0} min")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:f1} h");
}
