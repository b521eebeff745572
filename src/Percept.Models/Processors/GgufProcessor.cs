using System.Text;
using System.Text.Json;
using Percept.Checkpoints;
using Percept.Text;

namespace Percept.Models;

/// <summary>
/// The processor of a model in GGUF files: the vocabulary and chat template of the language model's file, and the settings of
/// the vision tower's.
/// </summary>
/// <remarks>
/// The vocabulary has no token for a picture: the text is cut at <c>&lt;image&gt;</c> and each piece is tokenized by itself, as
/// LLaVA's own code and llama.cpp do. Without a template a model with a tower is talked to in LLaVA's own style. Safe for
/// several threads.
/// </remarks>
internal sealed class GgufProcessor : IProcessor
{
    private readonly LlavaPixels? _pixels;
    private readonly int _placeholder;

    private GgufProcessor(LoadedTokenizer tokenizer, IReadOnlyCollection<int> stopIds, LlavaPixels? pixels)
    {
        Tokenizer = tokenizer;
        StopIds = stopIds;
        _pixels = pixels;

        // Placeholders are never embedded; they must only be ids that nothing trips over.
        _placeholder = tokenizer.TokenId("unk_token") ?? 0;
        TakesParts = pixels is not null && (!HasTemplate || WritesParts(tokenizer) || !WritesTexts(tokenizer));
    }

    /// <inheritdoc/>
    public LoadedTokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<MediaKind> Kinds => _pixels is null ? [] : [MediaKind.Image];

    /// <inheritdoc/>
    public bool TakesParts { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<int> StopIds { get; }

    private bool HasTemplate => Tokenizer.Config.ChatTemplates.Count > 0;

    /// <inheritdoc/>
    public string Mark(MediaKind kind) => MarkedPrompt.Image;

    /// <inheritdoc/>
    public string Render(ChatTemplateInput input) => _pixels is not null && !HasTemplate
        ? ConversationStyle.Named("llava_v1").Render(input, MarkedPrompt.Image)
        : PromptText.Render(Tokenizer, input);

    /// <inheritdoc/>
    public PreparedPrompt Prepare(string prompt, IReadOnlyList<MediaContent> media)
    {
        ArgumentNullException.ThrowIfNull(media);
        if (_pixels is not { } pixels)
        {
            return media.Count == 0
                ? new PreparedPrompt { Ids = PromptText.Encode(Tokenizer, prompt) }
                : throw new ArgumentException(
                    $"This model takes text alone, but {media.Count} media are given. Put its vision tower (mmproj) into the same folder.",
                    nameof(media));
        }

        IReadOnlyList<int> ids = MarkedPrompt.Encode(Tokenizer, prompt);
        MediaMarks.Require([.. ids.Where(id => id == MarkedPrompt.ImageId).Select(_ => MediaKind.Image)], media);
        return MediaMarks.Widen(ids, id => id == MarkedPrompt.ImageId ? _placeholder : null, pixels.Prepare(media, pixels.Layout.Cuts));
    }

    /// <inheritdoc/>
    public int CountTokens(MediaContent media) => _pixels is { } pixels
        ? pixels.Count(media, pixels.Layout.Cuts)
        : throw new ArgumentException("This model takes text alone.", nameof(media));

    /// <summary>Whether the template itself writes the mark of a picture, where it stands among the parts of a content.</summary>
    /// <remarks>Some templates take texts as well, but a text has no place for a picture but a line of its own.</remarks>
    private static bool WritesParts(LoadedTokenizer tokenizer) => WritesMark(tokenizer, TemplateValue.List(
        TemplateValue.Dict(("type", "image")), TemplateValue.Dict(("type", "text"), ("text", "x"))));

    /// <summary>Whether the template writes contents that are texts, a mark in them included; those of image-text models want parts.</summary>
    private static bool WritesTexts(LoadedTokenizer tokenizer) => WritesMark(tokenizer, MarkedPrompt.Image + "\nx");

    private static bool WritesMark(LoadedTokenizer tokenizer, TemplateValue content)
    {
        var message = TemplateValue.Dict(("role", "user"), ("content", content));
        try
        {
            return PromptText.Render(tokenizer, new ChatTemplateInput { Messages = TemplateValue.List(message) })
                .Contains(MarkedPrompt.Image, StringComparison.Ordinal);
        }
        catch (TemplateException)
        {
            return false;
        }
    }

    /// <summary>Makes the processor of a language model's file.</summary>
    internal static GgufProcessor Load(string file)
    {
        using GgufFile model = GgufFile.Open(file);
        LoadedTokenizer tokenizer = TokenizerLoader.FromGguf(GgufVocabularyReader.Read(model));
        var ends = new SortedSet<int>();
        foreach (string role in (ReadOnlySpan<string>)["eos", "eot", "eom"])
        {
            if (model.FindInteger($"tokenizer.ggml.{role}_token_id") is { } id and >= 0 and <= int.MaxValue)
            {
                ends.Add((int)id);
            }
        }

        if (StopTokens.OfTemplate(tokenizer, hasMedia: false) is { } end)
        {
            ends.Add(end);
        }

        return new GgufProcessor(tokenizer, ends, GgufCompanions.Find(file) is { } tower ? Pixels(tower) : null);
    }

    private static LlavaPixels Pixels(string tower)
    {
        using GgufFile file = GgufFile.Open(tower);
        ConfigReader config = ConfigReader.Parse(Encoding.UTF8.GetBytes(GgufArchitecture.Read(file).ToJsonString()), tower);
        LlavaKind kind = LlavaKinds.All.First(kind => kind.ModelType == config.FindText("model_type"));
        using JsonDocument settings = JsonDocument.Parse(GgufArchitecture.ReadImageProcessor(file).ToJsonString());
        return new LlavaPixels(LlavaFamily.Layout(config, kind), ImageProcessor.Create(settings.RootElement.Clone()), null, kind.CutsOnlyOne);
    }
}
