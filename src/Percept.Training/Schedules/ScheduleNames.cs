namespace Percept.Training;

/// <summary>Reads schedules by transformers' names.</summary>
public static class ScheduleNames
{
    private static readonly Dictionary<string, ScheduleKind> s_kinds = new(StringComparer.Ordinal)
    {
        ["constant"] = ScheduleKind.Constant,
        ["constant_with_warmup"] = ScheduleKind.ConstantWithWarmup,
        ["linear"] = ScheduleKind.Linear,
        ["cosine"] = ScheduleKind.Cosine,
        ["cosine_with_restarts"] = ScheduleKind.CosineWithRestarts,
        ["polynomial"] = ScheduleKind.Polynomial,
        ["inverse_sqrt"] = ScheduleKind.InverseSquareRoot,
        ["cosine_with_min_lr"] = ScheduleKind.CosineWithMinimum,
        ["cosine_warmup_with_min_lr"] = ScheduleKind.CosineWarmupWithMinimum,
        ["warmup_stable_decay"] = ScheduleKind.WarmupStableDecay,
        ["one_cycle"] = ScheduleKind.OneCycle,
    };

    private static readonly Dictionary<string, ScheduleCurve> s_curves = new(StringComparer.Ordinal)
    {
        ["linear"] = ScheduleCurve.Linear,
        ["cosine"] = ScheduleCurve.Cosine,
        ["1-sqrt"] = ScheduleCurve.OneMinusSquareRoot,
    };

    /// <summary>The form of a name.</summary>
    /// <param name="name">Such as <c>cosine</c>.</param>
    /// <exception cref="InvalidDataException">There is none; the error lists the names.</exception>
    public static ScheduleKind Kind(string name) => Find(s_kinds, name, "schedule");

    /// <summary>The curve of a name: <c>linear</c>, <c>cosine</c> or <c>1-sqrt</c>.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="InvalidDataException">There is none; the error lists the names.</exception>
    public static ScheduleCurve Curve(string name) => Find(s_curves, name, "curve of a schedule");

    private static T Find<T>(Dictionary<string, T> names, string name, string what) => names.TryGetValue(name, out T? found)
        ? found
        : throw new InvalidDataException($"There is no {what} '{name}'. Take one of {string.Join(", ", names.Keys)}.");
}
