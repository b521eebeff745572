using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>
/// Runs the processor of a model of the LLaVA line, and puts what it made of each medium together as the reference does:
/// pictures stacked, those of fewer tiles filled up with zeros.
/// </summary>
internal static class LlavaProcess
{
    internal static void Run(RunContext context, LlavaProcessor processor, PromptBatch batch)
    {
        IReadOnlyList<MediaContent>[] media = batch.Media(context, processor.ImageMark, processor.VideoMark);

        // A plain list of pictures counts as one sample each, whatever prompt they stand in.
        bool? cuts = processor.Layout.Cuts && !PromptBatch.IsNested(context) ? true : null;
        PreparedPrompt[] prompts =
        [
            .. batch.Prompts.Select((prompt, i) => processor.Prepare(
                prompt, media[i], batch.Arguments.AddSpecialTokens ?? (context.Args.Has("text") ? true : null), cuts)),
        ];
        batch.GiveIds(context, processor.Tokenizer, prompts);
        context.Give("num_image_tokens", Tensor.From<long>(
            [.. prompts.Select(prompt => (long)prompt.Ids.Count(id => id == processor.ImageId))], [prompts.Length]));
        MediaInput[] all = [.. prompts.SelectMany(prompt => prompt.Spans).Select(span => span.Media)];
        GivePictures(context, processor, [.. all.Where(one => one.Kind == MediaKind.Image)]);
        MediaInput[] clips = [.. all.Where(one => one.Kind == MediaKind.Video)];
        if (clips.Length > 0)
        {
            SampledOutputs.Give(context, "pixel_values_videos", Ops.Stack([.. clips.Select(clip => clip.Pixels)], 0));
        }

        if (processor.Kind.CutsOnlyOne && media.Any(row => row.Any(one => one.Kind == MediaKind.Image)))
        {
            long[] counts = [.. cuts is true
                ? all.Where(one => one.Kind == MediaKind.Image).Select(_ => 1L)
                : media.Select(row => row.LongCount(one => one.Kind == MediaKind.Image)).Where(count => count > 0)];
            context.Give("batch_num_images", Tensor.From(counts, [counts.Length]));
        }
    }

    private static void GivePictures(RunContext context, LlavaProcessor processor, MediaInput[] pictures)
    {
        if (pictures.Length == 0)
        {
            return;
        }

        if (!processor.Layout.Cuts)
        {
            SampledOutputs.Give(
                context, processor.Kind.PixelName, Ops.Concat(pictures.Select(picture => picture.Pixels).ToArray(), 0));
            return;
        }

        int most = pictures.Max(picture => picture.Pixels.Shape[0]);
        SampledOutputs.Give(context, processor.Kind.PixelName, Ops.Stack([.. pictures.Select(picture => Filled(picture.Pixels, most))], 0));
        context.Give("image_sizes", Tensor.From<long>(
            [.. pictures.SelectMany(picture => new long[] { picture.Size.Height, picture.Size.Width })], [pictures.Length, 2]));
    }

    private static Tensor Filled(Tensor tiles, int count) => tiles.Shape[0] == count
        ? tiles
        : Ops.Concat([tiles, Ops.Zeros(tiles.Shape.With(0, count - tiles.Shape[0]))], 0);
}
