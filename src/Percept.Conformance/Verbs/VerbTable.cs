using System.Collections.Frozen;

namespace Percept.Conformance;

/// <summary>Every verb that Percept has; a run with any other counts as not run.</summary>
internal static class VerbTable
{
    internal static FrozenDictionary<string, Action<RunContext>> Verbs { get; } =
        new Dictionary<string, Action<RunContext>>
    {
        ["op"] = OpVerb.Run,
        ["op_grad"] = OpGradVerb.Run,
        ["dequantize"] = DequantizeVerb.Run,
        ["quantize"] = QuantizeVerb.Run,
        ["quantize_quality"] = QuantizeQualityVerb.Run,
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
