using System.Globalization;
using System.Text;
using Percept.Media;
using Percept.Tensors;

namespace Percept.Models;

/// <summary>Makes the inputs of a model of the LLaVA line of media, each with the number of rows that it becomes.</summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class LlavaPixels
{
    private readonly ImageProcessor _images;
    private readonly VideoProcessor? _videos;
    private readonly bool _cutsOnlyOne;
    private readonly string _preparation;

    /// <summary>Makes it.</summary>
    /// <param name="layout">How many rows media become.</param>
    /// <param name="images">The processor of pictures.</param>
    /// <param name="videos">The processor of clips; null where there are none.</param>
    /// <param name="cutsOnlyOne">Whether several pictures of one prompt are not cut.</param>
    internal LlavaPixels(LlavaLayout layout, ImageProcessor images, VideoProcessor? videos, bool cutsOnlyOne)
    {
        Layout = layout;
        _images = images;
        _videos = videos;
        _cutsOnlyOne = cutsOnlyOne;
        _preparation = Describe();
    }

    /// <summary>How many rows media become.</summary>
    internal LlavaLayout Layout { get; }

    /// <summary>The processor of clips; null where there are none.</summary>
    internal VideoProcessor? Videos => _videos;

    /// <summary>Whether the pictures of a prompt are cut.</summary>
    /// <param name="pictures">How many the prompt has.</param>
    internal bool Cuts(int pictures) => Layout.Cuts && !(_cutsOnlyOne && pictures > 1);

    /// <summary>How many rows a medium becomes; no pixel is looked at.</summary>
    /// <param name="media">The medium.</param>
    /// <param name="cuts">Whether pictures are cut.</param>
    /// <exception cref="ArgumentException">The model does not take such media, or not of this size.</exception>
    internal int Count(MediaContent media, bool cuts)
    {
        ArgumentNullException.ThrowIfNull(media);
        Image first = media.Frames.Count > 0 ? media.Frames[0] : throw Refuse(media.Kind);
        switch (media.Kind)
        {
            case MediaKind.Image when cuts:
                return Layout.Cut(new(first.Height, first.Width));
            case MediaKind.Image:
                return Layout.Uncut(_images.Plan(first.Height, first.Width).Tile);
            case MediaKind.Video when _videos is { } videos:
                return Layout.Frames(media.Frames.Count, videos.Plan(media.Frames.Count, first.Height, first.Width).Canvas);
            default:
                throw Refuse(media.Kind);
        }
    }

    /// <summary>The media of one prompt as the model takes them.</summary>
    /// <param name="media">The media.</param>
    /// <param name="cuts">Whether pictures are cut.</param>
    /// <returns>Inputs that the caller disposes, in the same order.</returns>
    internal MediaInput[] Prepare(IReadOnlyList<MediaContent> media, bool cuts)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor? whole = null;
        if (Layout.Cuts && !cuts)
        {
            Image[] pictures = [.. media.Where(one => one.Kind == MediaKind.Image).Select(one => one.Frames[0])];
            whole = pictures.Length == 0 ? null : Pictures(_images.Process([(IReadOnlyList<Image>)[.. pictures.Select(_images.Accepted)]]));
        }

        var pixels = new Tensor[media.Count];
        int picture = 0;
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = media[i].Kind == MediaKind.Video ? Frames(media[i])
                : whole is { } all ? Ops.Clone(Inner(all.Rows(picture++, 1)))
                : Pixels(media[i].Frames[0], cuts);
        }

        return [.. media.Select((one, i) => Input(one, pixels[i], cuts && one.Kind == MediaKind.Image))];
    }

    private MediaInput Input(MediaContent media, Tensor pixels, bool isTiled) => new()
    {
        Kind = media.Kind,
        Size = new(media.Frames[0].Height, media.Frames[0].Width),
        Tokens = Count(media, isTiled),
        IsTiled = isTiled,
        Hash = MediaHash.Of(media, isTiled ? $"{_preparation}cut" : _preparation),
        Pixels = pixels.KeepAlways(),
    };

    /// <summary>The tensor of pictures; Video-LLaVA's class has its own name for it.</summary>
    private static Tensor Pictures(ImageInputs inputs) =>
        inputs.TryGet("pixel_values", out Tensor pixels) ? pixels : inputs["pixel_values_images"];

    private static Tensor Inner(Tensor stack) => stack.View(stack.Shape.Without(0));

    private Tensor Pixels(Image image, bool cuts)
    {
        Tensor pixels = Pictures(_images.Process([_images.Accepted(image)]));
        if (!cuts)
        {
            return pixels;
        }

        Tensor tiles = Inner(pixels);
        ImageSize grid = Layout.Grid(new(image.Height, image.Width));
        return tiles.Shape[0] == grid.Area + 1
            ? tiles
            : throw new InvalidDataException(
                $"The image processor cuts a picture of {image.Height}×{image.Width} into {tiles.Shape[0]} tiles, the model " +
                $"expects {grid.Area + 1}: 'image_grid_pinpoints' of 'preprocessor_config.json' and 'config.json' differ. " +
                "Take both files from one checkpoint.");
    }

    private Tensor Frames(MediaContent media) => Inner((_videos ?? throw Refuse(media.Kind)).Process([media.Frames])["pixel_values_videos"]);

    private static ArgumentException Refuse(MediaKind kind) => new($"This model does not take media of the kind '{kind}'.");

    /// <summary>Everything that changes what becomes of a medium, as text.</summary>
    private string Describe()
    {
        var text = new StringBuilder();
        IEnumerable<KeyValuePair<string, string>> settings = _images.Settings.Concat(_videos?.Settings ?? []);
        foreach ((string name, string value) in settings)
        {
            text.Append(name).Append('=').Append(value).Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"{_images.Family.Type} {Layout.ImageSize} {Layout.PatchSize} {Layout.PrefixTokens}\n");
        return text.AppendJoin(' ', Layout.Config.Canvases).Append('\n').ToString();
    }
}
