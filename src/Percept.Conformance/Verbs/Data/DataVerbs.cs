namespace Percept.Conformance;

/// <summary>Verbs of datasets.</summary>
internal static class DataVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["seed_builder"] = SeedBuilderVerb.Run,
    };
}
