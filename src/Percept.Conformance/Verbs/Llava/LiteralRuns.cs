using System.Text.Json;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Conformance;

/// <summary>Runs the classes that articles print.</summary>
internal static class LiteralRuns
{
    /// <summary><c>LLaVAModel.encode_images</c>.</summary>
    internal static void Encode(RunContext context, LiteralLlava model)
    {
        using GradientSwitch off = Gradients.Off();
        Tensor images = context.Need("images");
        context.Give("vision_last_hidden_state", model.States(images));
        context.Give("image_features", model.Features(images));
    }

    /// <summary><c>LLaVAModel.forward</c>; <c>fusion: concat</c> joins what the printed code drops.</summary>
    internal static void Forward(RunContext context, LiteralLlava model)
    {
        using GradientSwitch off = Gradients.Off();
        bool joins = context.Args.Choice("fusion", "none", "none", "concat") == "concat";
        Tensor embeddings = model.Embed(
            context.Need("input_ids"), context.Need("images"), joins ? LiteralFusion.Joined : LiteralFusion.Dropped);
        Run(context, model.Language, embeddings);
    }

    /// <summary><c>MultimodalModel.encode_image</c>.</summary>
    internal static void Encode(RunContext context, LiteralMultimodalModel model)
    {
        using GradientSwitch off = Gradients.Off();
        context.Give("image_features", model.Vectors(context.Need("pixel_values")));
    }

    /// <summary><c>MultimodalModel.forward</c>.</summary>
    internal static void Forward(RunContext context, LiteralMultimodalModel model)
    {
        using GradientSwitch off = Gradients.Off();
        Run(context, model.Language, model.Embed(context.Need("pixel_values"), context.Find("input_ids")));
    }

    /// <summary><c>NativeMultimodalTransformer.forward</c>.</summary>
    internal static void Forward(RunContext context, NativeMultimodalTransformer model)
    {
        using GradientSwitch off = Gradients.Off();
        NativeOutput output = model.Forward(
            context.Find("text_tokens"), context.Find("image_patches"), context.Find("audio_frames"));
        context.Give("combined", output.Combined);
        context.Give("hidden", output.Hidden);
        context.Give("logits", output.Logits);
    }

    /// <summary><c>AnyResVisionEncoder.encode_high_res</c>.</summary>
    internal static void EncodeHighRes(RunContext context)
    {
        AnyResVisionEncoder model = context.Model().As<AnyResVisionEncoder>();
        using GradientSwitch off = Gradients.Off();
        Tensor image = context.Need("image");
        (Tensor tiles, ImageSize grid) = model.Tile(image);
        context.Give("tiles", tiles);
        context.Give("grid", Tensor.From<long>([grid.Height, grid.Width], [2]));
        context.Give("image_features", model.Encode(image));
    }

    /// <summary><c>VideoMLLM.encode_video</c>.</summary>
    internal static void Encode(RunContext context, VideoMllm model)
    {
        using GradientSwitch off = Gradients.Off();
        context.Give("video_features", model.Encode(
            context.Need("frames"), context.Args.Flag("use_temporal_encoding", model.UsesTimes)));
    }

    /// <summary><c>VideoMLLM.adaptive_frame_sampling</c>: rows of <c>total_frames</c>, <c>max_frames</c>, <c>indices</c>.</summary>
    internal static void SampleFrames(RunContext context)
    {
        using JsonDocument rows = JsonDocument.Parse(context.Bytes(context.Args.Text("file")));
        context.JudgeAll("indices", rows.RootElement.EnumerateArray().Select(static row =>
        {
            (int total, int most) = (row.GetProperty("total_frames").GetInt32(), row.GetProperty("max_frames").GetInt32());
            int[] want = row.TryGetProperty("indices", out JsonElement list) && list.ValueKind == JsonValueKind.Array
                ? TokenAnswers.Ints(list)
                : [];
            return TokenAnswers.Compare($"{total} frames, at most {most}", want, FrameSampling.EndsAndSteps(total, most));
        }).ToArray());
    }

    /// <summary>The tensors that <c>LLaVAModel</c> trains under its freeze flags: exactly those of <c>trainable</c>.</summary>
    internal static void Parameters(RunContext context)
    {
        LoadedModel loaded = context.Model();
        LiteralLlava model = loaded.As<LiteralLlava>();
        string[] want = [.. context.Args.Need("trainable").EnumerateArray().Select(name => name.GetString()!).Order(StringComparer.Ordinal)];
        string[] got =
        [
            .. loaded.Report.Taken.Select(tensor => tensor.FileName).Where(model.Trains).Order(StringComparer.Ordinal),
        ];
        context.Judge("trainable", TokenAnswers.Compare("trainable", want, got));
    }

    /// <summary>
    /// Runs a language model over embeddings [B, T, D], of which a mask shows some. The loss is over all labels, also those that
    /// padding comes before: padding is run too.
    /// </summary>
    private static void Run(RunContext context, ILanguageModel language, Tensor embeddings)
    {
        int samples = embeddings.Shape[0], length = embeddings.Shape[1];
        Tensor? mask = context.Find("attention_mask");
        PaddedRows rows = PaddedRows.Of(samples, length, mask);
        Tensor all = language.Forward(
            Ops.Reshape(embeddings, [samples * length, embeddings.Shape[2]]), SeenPadding.Batch(language.PositionAxes, rows, samples, length));
        KeptLogits.Give(context, language, rows.Pack(Ops.Reshape(all, embeddings.Shape)), rows, length);
        if (context.Find("labels") is { } labels)
        {
            long[] given = Numbers.ReadIntegers(labels);
            int text = labels.Shape[1];
            long[] padded =
            [
                .. Enumerable.Range(0, samples).SelectMany(row => Enumerable.Repeat(SplicedRow.Ignored, length - text)
                    .Concat(given.Skip(row * text).Take(text))),
            ];
            context.Give("loss", SplicedBatch.Loss(language.Logits(all), PaddedRows.Of(samples, length, null), padded, length));
        }
    }
}
