using System.Text.Json;
using Percept.Checkpoints;
using Percept.Media;
using Percept.Text;

namespace Percept.Models;

/// <summary>
/// The processor of checkpoints as LLaVA's own code saves them: a classic conversation style, pieces of text around pictures,
/// and the tower's own image processor with what the configuration says comes before it.
/// </summary>
/// <remarks>
/// Reference: haotian-liu/LLaVA, <c>mm_utils.py</c>, <c>eval/run_llava.py</c>. Safe for several threads.
/// </remarks>
public sealed class LlavaOriginalProcessor : IProcessor
{
    private const string Begin = "<im_start>";
    private const string Patch = "<im_patch>";
    private const string End = "<im_end>";

    private readonly LlavaPixels _pixels;
    private readonly string _imageMark;
    private readonly int _placeholder;

    internal LlavaOriginalProcessor(
        LoadedTokenizer tokenizer, IReadOnlyCollection<int> stopIds, LlavaPixels pixels, ConversationStyle style, bool marksEnds)
    {
        Tokenizer = tokenizer;
        StopIds = stopIds;
        Style = style;
        _pixels = pixels;
        _imageMark = marksEnds ? Begin + MarkedPrompt.Image + End : MarkedPrompt.Image;

        // Placeholders are never embedded; they must only be ids that nothing trips over.
        _placeholder = tokenizer.TokenId("unk_token") ?? 0;
    }

    /// <inheritdoc/>
    public LoadedTokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<MediaKind> Kinds => [MediaKind.Image];

    /// <inheritdoc/>
    public IReadOnlyCollection<int> StopIds { get; }

    /// <summary>How conversations become text.</summary>
    public ConversationStyle Style { get; init; }

    /// <summary>How many rows pictures become in the model.</summary>
    public LlavaLayout Layout => _pixels.Layout;

    /// <inheritdoc/>
    public string Quote(string text) => Tokenizer.Tokenizer.Quote(text, MarkedPrompt.Image, Begin, Patch, End);

    /// <inheritdoc/>
    public string Render(ChatTemplateInput input) => Render(input, Style);

    /// <inheritdoc/>
    public string Render(ChatTemplateInput input, ConversationStyle style)
    {
        ArgumentNullException.ThrowIfNull(style);
        return style.Render(input, _imageMark);
    }

    /// <inheritdoc/>
    public PreparedPrompt Prepare(string prompt, IReadOnlyList<MediaContent> media)
    {
        ArgumentNullException.ThrowIfNull(media);
        IReadOnlyList<int> ids = MarkedPrompt.Encode(Tokenizer, prompt);
        MediaMarks.Require([.. ids.Where(id => id == MarkedPrompt.ImageId).Select(_ => MediaKind.Image)], media);
        return MediaMarks.Widen(ids, id => id == MarkedPrompt.ImageId ? _placeholder : null, PreparePictures(media));
    }

    /// <inheritdoc/>
    public int CountTokens(MediaContent media) => _pixels.Count(media, _pixels.Layout.Cuts);

    /// <summary>Pictures as the model takes them.</summary>
    internal MediaInput[] PreparePictures(IReadOnlyList<MediaContent> media) =>
        _pixels.Prepare([.. media.Select(ToRgb)], _pixels.Layout.Cuts);

    /// <summary>Makes the processor of a checkpoint's folder.</summary>
    internal static LlavaOriginalProcessor Make(ProcessorFiles files)
    {
        ConfigReader config = files.Config!;
        LlavaOriginalTower tower = LlavaOriginalTower.Find(files.Folder, config);
        LlavaOriginalSettings settings = LlavaOriginalSettings.Read(config, tower);
        ConversationStyle style = StyleOf(files);
        IReadOnlyCollection<int> ends = StopTokens.Find(files, hasMedia: false);
        return new LlavaOriginalProcessor(
            files.Tokenizer, [.. ends.Union(EndsOf(style, files.Tokenizer))],
            Pixels(settings, tower, files.Overrides, MofFamily.Applies(files.Folder, config) ? 2 : 1), style, settings.MarksEnds);
    }

    /// <summary>The image processor that a configuration asks for, on top of the tower's own.</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="tower">The tower.</param>
    /// <param name="overrides">Settings that hold instead; null for none.</param>
    /// <param name="towers">How many towers look at each picture.</param>
    internal static LlavaPixels Pixels(
        LlavaOriginalSettings settings, LlavaOriginalTower tower, JsonElement? overrides, int towers = 1)
    {
        const string File = "preprocessor_config.json";
        JsonElement own = JsonSettings.Find(tower.Folder, File) ?? throw new FileNotFoundException(
            $"The vision tower's folder '{tower.Folder}' has no '{File}'. Put the file of the published tower there.", Path.Combine(tower.Folder, File));
        string family = settings.Llava.Canvases.Count > 0 ? "llava_next" : settings.AspectRatio == "pad" ? "llava"
            : tower.IsSiglip ? "siglip" : "clip";
        var changes = new List<string>();
        if (settings.Llava.Canvases.Count > 0)
        {
            IEnumerable<string> canvases = settings.Llava.Canvases.Select(static size =>
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[{size.Height}, {size.Width}]"));
            changes.Add($"\"image_grid_pinpoints\": [{string.Join(", ", canvases)}]");
        }

        if (settings.AspectRatio == "pad")
        {
            changes.Add("\"do_pad\": true");
        }

        if (tower.IsSiglip && family != "siglip" && own.TryGetProperty("size", out JsonElement size))
        {
            // Its own processor neither crops nor has a size to crop to.
            changes.Add($"\"do_center_crop\": false, \"crop_size\": {size.GetRawText()}");
        }

        if (overrides is { } given)
        {
            changes.AddRange(given.EnumerateObject().Select(static setting => $"\"{setting.Name}\": {setting.Value.GetRawText()}"));
        }

        using JsonDocument changed = JsonDocument.Parse($"{{{string.Join(", ", changes)}}}");
        var layout = new LlavaLayout(settings.Llava, tower.Sizes.ImageSize, tower.Sizes.PatchSize, tower.Sizes.PrefixTokens)
        {
            Towers = towers,
        };
        return new LlavaPixels(
            layout, ImageProcessor.Create(ImageFamilies.FindByModel(family), own, changed.RootElement.Clone()), null, cutsOnlyOne: false);
    }

    /// <summary>The style of a model: by its language part, and by whether the tokenizer has the tokens of ChatML or Llama 3.</summary>
    private static ConversationStyle StyleOf(ProcessorFiles files) => ConversationStyle.Named(files.ModelType switch
    {
        "llava_mistral" => "mistral_instruct",
        "llava_qwen" => "qwen",
        _ when files.Tokenizer.Tokenizer.TokenToId("<|im_end|>") is not null => "chatml_direct",
        _ when files.Tokenizer.Tokenizer.TokenToId("<|eot_id|>") is not null => "llava_llama_3",
        _ => "llava_v1",
    });

    /// <summary>The control token with which a style ends answers.</summary>
    private static IEnumerable<int> EndsOf(ConversationStyle style, LoadedTokenizer tokenizer) =>
        style.AnswerEnd is { } end && tokenizer.Tokenizer.SpecialToId(end) is { } id ? [id] : [];

    /// <summary>The authors' code drops alpha, whatever it hides.</summary>
    private static MediaContent ToRgb(MediaContent media) => media.Kind == MediaKind.Image && media.Frames[0].Format != PixelFormat.Rgb
        ? MediaContent.Of(media.Frames[0].Convert(PixelFormat.Rgb))
        : media;
}
