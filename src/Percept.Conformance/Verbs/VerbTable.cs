using System.Collections.Frozen;

namespace Percept.Conformance;

/// <summary>Every verb that Percept has; a run with any other counts as not run.</summary>
internal static class VerbTable
{
    private static readonly Dictionary<string, Action<RunContext>> s_engine = new()
    {
        ["op"] = OpVerb.Run,
        ["op_grad"] = OpGradVerb.Run,
        ["dequantize"] = DequantizeVerb.Run,
        ["quantize"] = QuantizeVerb.Run,
        ["quantize_quality"] = QuantizeQualityVerb.Run,
        ["seed_evaluator"] = SeedEvaluatorVerb.Run,
    };

    internal static FrozenDictionary<string, Action<RunContext>> Verbs { get; } =
        new[]
        {
            s_engine,
            ImageVerbs.All,
            PixelVerbs.All,
            AudioVerbs.All,
            VideoVerbs.All,
            TokenizerVerbs.All,
            TemplateVerbs.All,
            ProcessorVerbs.All,
            GenerationVerbs.All,
            ModelVerbs.All,
            EncodeVerbs.All,
            LlavaVerbs.All,
            VisionVerbs.All,
            TrainingModelVerbs.All,
            TrainingVerbs.All,
            DataVerbs.All,
        }
        .SelectMany(group => group).ToFrozenDictionary(verb => verb.Key, verb => verb.Value, StringComparer.Ordinal);
}
