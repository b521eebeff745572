using Percept.Checkpoints;
using Percept.Text;

namespace Percept.Models;

/// <summary>
/// The processor of models of the LLaVA line in transformers' layout: chat template, marks of media widened to as many
/// placeholders as each becomes rows, pixels.
/// </summary>
/// <remarks>
/// References: transformers 5.23, <c>processing_llava.py</c>, <c>processing_llava_next.py</c>,
/// <c>processing_llava_next_video.py</c>, <c>processing_llava_onevision.py</c>, <c>processing_video_llava.py</c>. The number of
/// placeholders comes from the model's configuration where there is one: older processor settings tell it wrongly. Safe for
/// several threads.
/// </remarks>
public sealed class LlavaProcessor : IProcessor
{
    private readonly LlavaPixels _pixels;
    private readonly int _imageId;
    private readonly int? _videoId;

    internal LlavaProcessor(
        LlavaKind kind, LoadedTokenizer tokenizer, IReadOnlyCollection<int> stopIds, LlavaPixels pixels, string imageMark,
        string? videoMark)
    {
        Kind = kind;
        Tokenizer = tokenizer;
        StopIds = stopIds;
        _pixels = pixels;
        ImageMark = imageMark;
        VideoMark = videoMark;
        _imageId = IdOf(imageMark);
        _videoId = videoMark is null ? null : IdOf(videoMark);
    }

    /// <inheritdoc/>
    public LoadedTokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<MediaKind> Kinds => _videoId is null ? [MediaKind.Image] : [MediaKind.Image, MediaKind.Video];

    /// <inheritdoc/>
    public IReadOnlyCollection<int> StopIds { get; }

    /// <inheritdoc/>
    public string Mark(MediaKind kind) => kind == MediaKind.Video && VideoMark is { } clip ? clip : ImageMark;

    /// <summary>What stands for a picture in a prompt: <c>&lt;image&gt;</c>.</summary>
    public string ImageMark { get; }

    /// <summary>What stands for a clip in a prompt; null where there are no clips.</summary>
    public string? VideoMark { get; }

    /// <summary>How many rows media become in the model.</summary>
    public LlavaLayout Layout => _pixels.Layout;

    /// <summary>The processor of clips, which also chooses frames; null where there are no clips.</summary>
    public VideoProcessor? Videos => _pixels.Videos;

    /// <summary>Which member of the line it is for.</summary>
    internal LlavaKind Kind { get; }

    /// <summary>The id of <see cref="ImageMark"/>.</summary>
    internal int ImageId => _imageId;

    /// <inheritdoc/>
    public string Render(ChatTemplateInput input) => PromptText.Render(Tokenizer, input);

    /// <inheritdoc/>
    public PreparedPrompt Prepare(string prompt, IReadOnlyList<MediaContent> media) => Prepare(prompt, media, null, null);

    /// <inheritdoc/>
    public int CountTokens(MediaContent media) => _pixels.Count(media, _pixels.Cuts(1));

    /// <summary>The prompt as the model takes it.</summary>
    /// <param name="prompt">The text, with a mark for each medium.</param>
    /// <param name="media">The media in the order of their marks.</param>
    /// <param name="addSpecialTokens">Whether the tokenizer adds its tokens; null: unless the prompt begins with one.</param>
    /// <param name="cuts">Whether pictures are cut; null: as the number of them asks.</param>
    internal PreparedPrompt Prepare(string prompt, IReadOnlyList<MediaContent> media, bool? addSpecialTokens, bool? cuts)
    {
        ArgumentNullException.ThrowIfNull(media);
        int[] ids = PromptText.Encode(Tokenizer, prompt, addSpecialTokens);
        MediaMarks.Require(
            [.. ids.Where(id => id == _imageId || id == _videoId).Select(id => id == _imageId ? MediaKind.Image : MediaKind.Video)],
            media);
        MediaInput[] inputs = _pixels.Prepare(media, cuts ?? _pixels.Cuts(media.Count(one => one.Kind == MediaKind.Image)));
        return MediaMarks.Widen(ids, id => id == _imageId || id == _videoId ? id : null, inputs);
    }

    /// <summary>Makes the processor of a checkpoint's folder.</summary>
    internal static LlavaProcessor Make(ProcessorFiles files, LlavaKind kind)
    {
        ImageProcessor images = ImageProcessor.Load(files.Folder, files.Overrides);
        VideoProcessor? videos = kind.TakesClips ? VideoProcessor.Load(files.Folder, files.Overrides) : null;
        RequireKnown(files, images, videos);
        LlavaLayout layout = files.Config is { } config
            ? LlavaFamily.Layout(config, kind)
            : LlavaSettings.Layout(files, kind, images);
        LoadedTokenizer tokenizer = files.Tokenizer;
        string Mark(string medium) => files.FindText($"{medium}_token") ?? tokenizer.Token($"{medium}_token") ?? $"<{medium}>";
        var processor = new LlavaProcessor(
            kind, tokenizer, StopTokens.Find(files, hasMedia: true),
            new LlavaPixels(layout, images, videos, kind.CutsOnlyOne), Mark("image"), kind.TakesClips ? Mark("video") : null);
        if (files.Config is { } model)
        {
            RequireId(model, layout.Config.ImageToken, processor._imageId, processor.ImageMark);
            RequireId(model, layout.Config.VideoToken, processor._videoId, processor.VideoMark);
        }

        return processor;
    }

    private static void RequireKnown(ProcessorFiles files, ImageProcessor images, VideoProcessor? videos)
    {
        if (files.Overrides is { } overrides
            && images.UnreadSettings.FirstOrDefault(name => overrides.TryGetProperty(name, out _)
                && videos?.UnreadSettings.Contains(name) != false) is { } unknown)
        {
            throw new NotSupportedException($"The processor of '{files.Folder}' does not know the setting '{unknown}'.");
        }
    }

    private static void RequireId(ConfigReader config, int? model, int? tokenizer, string? mark)
    {
        if (model != tokenizer)
        {
            throw new InvalidDataException(
                $"'{config.File}' has {model} for the placeholder of '{mark}', the tokenizer {tokenizer}. " +
                "Take 'config.json' and the tokenizer's files from one checkpoint.");
        }
    }

    private int IdOf(string mark) => Tokenizer.Tokenizer.TokenToId(mark) ?? throw new InvalidDataException(
        $"The tokenizer has no token '{mark}' that stands for media. Take the tokenizer's files of the same checkpoint.");
}
