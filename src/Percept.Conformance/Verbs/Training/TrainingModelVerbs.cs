namespace Percept.Conformance;

/// <summary>The verbs that train whole models.</summary>
internal static class TrainingModelVerbs
{
    internal static IReadOnlyDictionary<string, Action<RunContext>> All { get; } = new Dictionary<string, Action<RunContext>>
    {
        ["train_step"] = TrainStepVerb.Run,
        ["train_curve"] = TrainCurveVerb.Run,
        ["merge_adapter"] = MergeAdapterVerb.Run,
    };
}
