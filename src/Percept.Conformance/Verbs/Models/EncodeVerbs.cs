using Percept.Models;

namespace Percept.Conformance;

/// <summary>Encodes pictures, clips or texts. What a run's inputs and outputs mean, the kind of model says.</summary>
internal static class EncodeVerbs
{
    /// <summary>Every kind of model that encodes pictures: one line each.</summary>
    private static readonly ModelKinds s_pictures = new(
        (model => model is LlavaModel, (context, model) => LlavaEncode.Pictures(context, (LlavaModel)model)),
        (model => model is MofModel, (context, model) => MofRuns.Encode(context, (MofModel)model)),
        (model => model is LiteralLlava, (context, model) => LiteralRuns.Encode(context, (LiteralLlava)model)),
        (model => model is LiteralMultimodalModel, (context, model) => LiteralRuns.Encode(context, (LiteralMultimodalModel)model)),
        (model => model is ProjectedTower, (context, model) => ProjectedTowerRun.Run(context, (ProjectedTower)model)),
        (model => model is IVisionEncoder, (context, _) => EncodeImageVerb.Run(context)));

    /// <summary>Every kind of model that encodes clips: one line each.</summary>
    private static readonly ModelKinds s_clips = new(
        (model => model is LlavaModel, (context, model) => LlavaEncode.Clips(context, (LlavaModel)model)),
        (model => model is VideoMllm, (context, model) => LiteralRuns.Encode(context, (VideoMllm)model)));

    /// <summary>Every kind of model that encodes texts: one line each.</summary>
    private static readonly ModelKinds s_texts = new(
        (model => model is ITextTower, (context, _) => TextTowerRun.Run(context)),
        (model => model is ITextEncoder, (context, model) => TextEncoderForward.Run(context, (ITextEncoder)model)),
        (model => model is IEncoderDecoder, (context, model) => TextEncoderForward.Run(context, ((IEncoderDecoder)model).Encoder)));

    internal static Dictionary<string, Action<RunContext>> All { get; } = new()
    {
        ["encode_image"] = s_pictures.Run,
        ["encode_video"] = s_clips.Run,
        ["encode_text"] = s_texts.Run,
    };
}
