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
        Run(context, model.Language, Embed(context, model));
    }

    /// <summary>The loss of <c>LLaVAModel.forward</c>, with gradients to what is trained.</summary>
    internal static Tensor Loss(TrainRun run)
    {
        // Which weights are trained, the wanted gradients say.
        run.Context.Args.Skip("trainable");
        var model = (LiteralLlava)run.Loaded.Model;
        Tensor embeddings = Embed(run.Context, model);
        PaddedRows rows = PaddedRows.Of(embeddings.Shape[0], embeddings.Shape[1], run.Context.Find("attention_mask"));
        return Loss(run.Context.Need("labels"), model.Language, embeddings, Hidden(model.Language, embeddings, rows));
    }

    private static Tensor Embed(RunContext context, LiteralLlava model)
    {
        bool joins = context.Args.Choice("fusion", "none", "none", "concat") == "concat";
        return model.Embed(
            context.Need("input_ids"), context.Need("images"), joins ? LiteralFusion.Joined : LiteralFusion.Dropped);
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

    /// <summary>Runs a language model over embeddings [B, T, D], of which a mask shows some.</summary>
    private static void Run(RunContext context, ILanguageModel language, Tensor embeddings)
    {
        int samples = embeddings.Shape[0], length = embeddings.Shape[1];
        PaddedRows rows = PaddedRows.Of(samples, length, context.Find("attention_mask"));
        Tensor all = Hidden(language, embeddings, rows);
        KeptLogits.Give(context, language, rows.Pack(Ops.Reshape(all, embeddings.Shape)), rows, length);
        if (context.Find("labels") is { } labels)
        {
            context.Give("loss", Loss(labels, language, embeddings, all));
        }
    }

    /// <summary>The states of all places, padding among them: [B·T, D].</summary>
    private static Tensor Hidden(ILanguageModel language, Tensor embeddings, PaddedRows rows)
    {
        int samples = embeddings.Shape[0], length = embeddings.Shape[1];
        return language.Forward(
            Ops.Reshape(embeddings, [samples * length, embeddings.Shape[2]]), SeenPadding.Batch(language.PositionAxes, rows, samples, length));
    }

    /// <summary>The loss over all labels of the text, also those that padding comes before.</summary>
    private static Tensor Loss(Tensor labels, ILanguageModel language, Tensor embeddings, Tensor hidden)
    {
        int samples = embeddings.Shape[0], length = embeddings.Shape[1], text = labels.Shape[1];
        long[] given = Numbers.ReadIntegers(labels);
        long[] padded =
        [
            .. Enumerable.Range(0, samples).SelectMany(row => Enumerable.Repeat(SplicedRow.Ignored, length - text)
                .Concat(given.Skip(row * text).Take(text))),
        ];
        return SplicedBatch.Loss(language.Logits(hidden), PaddedRows.Of(samples, length, null), padded, length);
    }
}
