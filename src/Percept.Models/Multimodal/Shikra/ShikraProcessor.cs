using System.Text.Json;
using Percept.Media;
using Percept.Text;

namespace Percept.Models;

/// <summary>
/// The processor of Shikra: pictures on white squares, as many <c>&lt;im_patch&gt;</c> as a picture has rows between
/// <c>&lt;im_start&gt;</c> and <c>&lt;im_end&gt;</c>, conversations in the style of Vicuna.
/// </summary>
/// <remarks>
/// Reference: shikras/shikra, <c>dataset/process_function/shikra_process_function.py</c>, <c>dataset/utils/transform.py</c>.
/// Safe for several threads.
/// </remarks>
public sealed class ShikraProcessor : IProcessor
{
    private const string Image = "<image>";
    private const string Patch = "<im_patch>";
    private const string Begin = "<im_start>";
    private const string End = "<im_end>";

    private static readonly byte[] s_white = [255, 255, 255];

    private readonly LlavaPixels _pixels;
    private readonly int _patch;

    internal ShikraProcessor(LoadedTokenizer tokenizer, IReadOnlyCollection<int> stopIds, LlavaPixels pixels)
    {
        Tokenizer = tokenizer;
        StopIds = stopIds;
        _pixels = pixels;
        _patch = tokenizer.Tokenizer.TokenToId(Patch) ?? throw new InvalidDataException(
            $"The tokenizer has no token '{Patch}'. Take the tokenizer's files of the same checkpoint.");
    }

    /// <inheritdoc/>
    public LoadedTokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<MediaKind> Kinds => [MediaKind.Image];

    /// <inheritdoc/>
    public IReadOnlyCollection<int> StopIds { get; }

    /// <inheritdoc/>
    public string Quote(string text) => Tokenizer.Tokenizer.Quote(text, Image, Patch, Begin, End);

    /// <inheritdoc/>
    public string Render(ChatTemplateInput input) => ConversationStyle.Named("vicuna_v1").Render(input, Image);

    /// <inheritdoc/>
    public PreparedPrompt Prepare(string prompt, IReadOnlyList<MediaContent> media)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(media);
        int[] ids = PromptText.Encode(Tokenizer, prompt.Replace(Image, Begin + Patch + End, StringComparison.Ordinal));
        MediaMarks.Require([.. ids.Where(id => id == _patch).Select(_ => MediaKind.Image)], media);
        MediaInput[] inputs = _pixels.Prepare([.. media.Select(OnSquare)], cuts: false);
        return MediaMarks.Widen(ids, id => id == _patch ? id : null, inputs);
    }

    /// <inheritdoc/>
    public int CountTokens(MediaContent media) => _pixels.Count(media, cuts: false);

    /// <summary>Makes the processor of a checkpoint's folder.</summary>
    internal static ShikraProcessor Make(ProcessorFiles files)
    {
        (LlavaOriginalTower tower, LlavaOriginalSettings settings) = ShikraModel.Read(files.Folder, files.Config!);
        JsonElement? overrides = files.Overrides;
        return new ShikraProcessor(
            files.Tokenizer, StopTokens.Find(files, hasMedia: false), LlavaOriginalProcessor.Pixels(settings, tower, overrides));
    }

    /// <summary>The picture in the middle of a white square.</summary>
    private static MediaContent OnSquare(MediaContent media)
    {
        if (media.Kind != MediaKind.Image)
        {
            return media;
        }

        Image rgb = media.Frames[0].Convert(PixelFormat.Rgb);
        return MediaContent.Of(rgb.Width == rgb.Height ? rgb : rgb.ExpandToSquare(s_white));
    }
}
