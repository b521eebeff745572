using Percept.Models;

namespace Percept.Conformance;

/// <summary>Runs a model forward. What a run's inputs and outputs mean, the kind of model says.</summary>
internal static class ForwardVerb
{
    /// <summary>Every kind of model: one line each.</summary>
    private static readonly ModelKinds s_kinds = new(
        (model => model is IEncoderDecoder, (context, model) => EncoderDecoderForward.Run(context, (IEncoderDecoder)model)),
        (model => model is ICrossDecoder, (context, model) => CrossDecoderForward.Run(context, (ICrossDecoder)model)),
        (model => model is ITextEncoder, (context, model) => TextEncoderForward.Run(context, (ITextEncoder)model)),
        (model => model is ILanguageModel, (context, model) => LanguageForward.Run(context, (ILanguageModel)model)),
        (model => model is DualEncoder, (context, model) => DualForward.Run(context, (DualEncoder)model)),
        (model => model is LlavaModel, (context, model) => LlavaForward.Run(context, (LlavaModel)model)),
        (model => model is ShikraModel, (context, model) => ShikraForward.Run(context, (ShikraModel)model)),
        (model => model is LiteralLlava, (context, model) => LiteralRuns.Forward(context, (LiteralLlava)model)),
        (model => model is LiteralMultimodalModel, (context, model) => LiteralRuns.Forward(context, (LiteralMultimodalModel)model)),
        (
            model => model is NativeMultimodalTransformer,
            (context, model) => LiteralRuns.Forward(context, (NativeMultimodalTransformer)model)));

    internal static void Run(RunContext context) => s_kinds.Run(context);
}
