using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>
/// The media of a run of the LLaVA line, as the reference's inputs hold them: <c>pixel_values</c> [n, 3, H, W] or
/// [n, tiles, 3, H, W] with <c>image_sizes</c> (and <c>batch_num_images</c>), <c>pixel_values_videos</c> [n, frames, 3, H, W].
/// </summary>
internal sealed class LlavaMedia
{
    private LlavaMedia(LlavaModel model, IReadOnlyList<MediaInput> pictures, IReadOnlyList<MediaInput> clips)
    {
        Model = model;
        Pictures = pictures;
        Clips = clips;
    }

    /// <summary>The model, with what the run overrides.</summary>
    internal LlavaModel Model { get; }

    /// <summary>The pictures in order.</summary>
    internal IReadOnlyList<MediaInput> Pictures { get; }

    /// <summary>The clips in order.</summary>
    internal IReadOnlyList<MediaInput> Clips { get; }

    /// <summary>Reads them.</summary>
    internal static LlavaMedia Of(RunContext context, LlavaModel model)
    {
        model = Overridden(context, model);
        if (model.Layout.Cuts && !context.Has("image_sizes") && context.Has("pixel_values"))
        {
            // A plain stack of pictures: nothing is cut, no newline follows.
            model = model.With(model.Config with { Canvases = [] });
        }

        return new LlavaMedia(model, ReadPictures(context, model), ReadClips(context, model));
    }

    /// <summary>The rows of media, one after the other; null when there are none.</summary>
    internal Tensor? Encode(IReadOnlyList<MediaInput> media)
    {
        Tensor[] rows = [.. media.Select(one => Model.Encode(one))];
        return rows.Length == 0 ? null : Ops.Concat(rows, 0);
    }

    /// <summary>Settings of the configuration that a call may override.</summary>
    private static LlavaModel Overridden(RunContext context, LlavaModel model)
    {
        LlavaConfig config = model.Config;
        if (context.Args.IntsOrNone("vision_feature_layer") is { } layers)
        {
            config = config with { FeatureLayers = layers };
        }

        if (context.Args.Find("vision_feature_select_strategy") is not null)
        {
            bool keeps = context.Args.Choice("vision_feature_select_strategy", string.Empty, "default", "full") == "full";

            // Frames that are not pooled keep their class tokens whatever the call says.
            bool ofFrames = config.Pooling == FramePooling.None ? config.KeepsFirstOfFrames : keeps;
            config = config with { KeepsFirst = keeps, KeepsFirstOfFrames = ofFrames };
        }

        return config == model.Config ? model : model.With(config);
    }

    private static List<MediaInput> ReadPictures(RunContext context, LlavaModel model)
    {
        var media = new List<MediaInput>();
        if ((context.Find("pixel_values") ?? context.Find("pixel_values_images")) is not { } pixels)
        {
            return media;
        }

        Tensor? sizes = context.Find("image_sizes"), counts = context.Find("batch_num_images");
        if (!model.Layout.Cuts || sizes is not { } given)
        {
            for (int i = 0; i < pixels.Shape[0]; i++)
            {
                media.Add(Counted(model, new MediaInput
                {
                    Kind = MediaKind.Image, Pixels = pixels.Rows(i, 1), Size = new(pixels.Shape[2], pixels.Shape[3]), Tokens = 0,
                }));
            }

            return media;
        }

        int[] sides = Numbers.ReadInts(given);
        bool[] cuts = counts is { } samples
            ? [.. Numbers.ReadInts(samples).SelectMany(count => Enumerable.Repeat(count == 1, count))]
            : [.. Enumerable.Repeat(true, sides.Length / 2)];
        int at = 0;
        for (int i = 0; i < cuts.Length; i++)
        {
            var size = new ImageSize(sides[2 * i], sides[(2 * i) + 1]);
            int tiles = cuts[i] ? (int)model.Layout.Grid(size).Area + 1 : 1;
            Tensor own = pixels.Rank == 5 ? OneOf(pixels, i).Rows(0, tiles) : pixels.Rows(at, tiles);
            at += tiles;
            media.Add(Counted(
                model, new MediaInput { Kind = MediaKind.Image, Pixels = own, Size = size, IsTiled = cuts[i], Tokens = 0 }));
        }

        return media;
    }

    private static List<MediaInput> ReadClips(RunContext context, LlavaModel model)
    {
        var media = new List<MediaInput>();
        if (context.Find("pixel_values_videos") is not { } pixels)
        {
            return media;
        }

        for (int i = 0; i < pixels.Shape[0]; i++)
        {
            media.Add(Counted(model, new MediaInput
            {
                Kind = MediaKind.Video, Pixels = OneOf(pixels, i), Size = new(pixels.Shape[3], pixels.Shape[4]), Tokens = 0,
            }));
        }

        return media;
    }

    private static Tensor OneOf(Tensor stack, int index) => stack.Rows(index, 1).View(stack.Shape.Without(0));

    private static MediaInput Counted(LlavaModel model, MediaInput media) => new()
    {
        Kind = media.Kind, Pixels = media.Pixels, Size = media.Size, IsTiled = media.IsTiled, Tokens = model.RowsOf(media),
    };
}
