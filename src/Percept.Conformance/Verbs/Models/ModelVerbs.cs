namespace Percept.Conformance;

/// <summary>Verbs that run whole models.</summary>
internal static class ModelVerbs
{
    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["forward"] = ForwardVerb.Run,
        ["forward_cached"] = ForwardCachedVerb.Run,
        ["loss"] = LossVerb.Run,
    };
}
