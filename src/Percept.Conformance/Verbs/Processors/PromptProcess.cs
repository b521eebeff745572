using System.Text.Json;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>
/// Runs the processor of a whole model of the LLaVA line on texts and pictures: the pictures' marks are widened to as many
/// tokens as each takes, the texts cut and padded.
/// </summary>
internal static class PromptProcess
{
    private const string ProcessorFile = "processor_config.json";

    /// <summary>The classes whose prompts repeat the mark and add nothing else.</summary>
    private static readonly HashSet<string> s_classes = new(StringComparer.Ordinal) { "LlavaProcessor", "LlavaNextProcessor" };

    private static readonly ImageDecodeOptions s_asStored = new() { ApplyOrientation = false };

    internal static bool Takes(RunContext context) => ProcessVerb.HasText(context)
        && context.Run.Args.TryGetProperty("images", out JsonElement images) && images.ValueKind == JsonValueKind.Array
        && !context.Run.Args.TryGetProperty("videos", out _)
        && images.EnumerateArray().All(image => image.ValueKind == JsonValueKind.String)
        && Settings(context) is { } settings && settings.TryGetProperty("processor_class", out JsonElement name)
        && s_classes.Contains(name.GetString()!);

    internal static void Run(RunContext context)
    {
        string folder = Folder(context);
        JsonElement settings = Settings(context)!.Value;
        LoadedTokenizer loaded = TokenizerLoader.FromFolder(folder);
        ImageProcessor processor = ImageProcessor.Load(folder);
        Image[] images =
        [
            .. context.Args.Need("images").EnumerateArray()
                .Select(file => ImageDecoder.Decode(context.Bytes(file.GetString()!), s_asStored)),
        ];
        int[] counts = [.. images.Select(image => processor.Plan(image.Height, image.Width).Tokens
            ?? throw new NotUnderstoodException("the processor's settings do not tell the tokens of a picture"))];
        string mark = settings.TryGetProperty("image_token", out JsonElement own) ? own.GetString()! : "<image>";
        bool pads = ReadKwargs(context, out bool prompts);
        int used = 0;
        string[] texts = [.. Texts(context, loaded, prompts).Select(text => ImagePrompt.Expand(text, mark, counts, ref used))];
        if (used != counts.Length)
        {
            throw new InvalidDataException($"The texts have {used} marks for {counts.Length} pictures.");
        }

        Give(context, loaded, texts, pads, mark);
        ImageInputs inputs = processor.Process(images);
        foreach (string name in inputs.Names.Where(context.Wants))
        {
            SampledOutputs.Give(context, name, inputs[name]);
        }
    }

    private static void Give(RunContext context, LoadedTokenizer loaded, string[] texts, bool pads, string mark)
    {
        IReadOnlyList<TokenEncoding> rows = loaded.Tokenizer.EncodeBatch(texts, new EncodeOptions
        {
            AllowSpecial = true,
            Padding = !pads ? null : new PaddingOptions
            {
                Side = loaded.PaddingSide, Id = loaded.TokenId("pad_token") ?? 0, Token = loaded.Token("pad_token") ?? "",
            },
        });
        Shape shape = [rows.Count, rows[0].Count];
        context.Give("input_ids", Tensor.From<long>([.. rows.SelectMany(row => row.Ids).Select(id => (long)id)], shape));
        context.Give("attention_mask", Tensor.From<long>([.. rows.SelectMany(row => row.AttentionMask).Select(on => (long)on)], shape));
        int markId = loaded.Tokenizer.TokenToId(mark) ?? throw new InvalidDataException($"The tokenizer has no token '{mark}'.");
        context.Give("num_image_tokens", Tensor.From<long>([.. rows.Select(row => (long)row.Ids.Count(id => id == markId))], [rows.Count]));
    }

    private static IEnumerable<string> Texts(RunContext context, LoadedTokenizer loaded, bool prompts)
    {
        if (context.Args.Find("text") is { } text)
        {
            return text.ValueKind == JsonValueKind.String
                ? [text.GetString()!]
                : text.EnumerateArray().Select(item => item.GetString()!).ToArray();
        }

        JsonElement messages = context.Args.Need("messages");
        JsonElement[] chats = messages.GetArrayLength() > 0 && messages[0].ValueKind == JsonValueKind.Array
            ? [.. messages.EnumerateArray()]
            : [messages];
        string[] rendered =
        [
            .. chats.Select(chat => loaded.RenderChat(ChatTemplateInput.FromJson(chat) with { AddGenerationPrompt = prompts }).Text),
        ];
        if (context.Args.Find("prompt_file") is { } file)
        {
            using JsonDocument wanted = JsonDocument.Parse(context.Bytes(file.GetString()!));
            JsonElement[] chosen = wanted.RootElement.ValueKind == JsonValueKind.Array
                ? [.. wanted.RootElement.EnumerateArray()]
                : [wanted.RootElement];
            string[] all = [.. chosen.Select(chat => (chat.ValueKind == JsonValueKind.String ? chat : chat.GetProperty("prompt")).GetString()!)];
            for (int i = 0; i < rendered.Length; i++)
            {
                if (rendered[i] != all[i])
                {
                    throw new InvalidDataException($"The rendered prompt is '{rendered[i]}', expected '{all[i]}'.");
                }
            }
        }

        return rendered;
    }

    private static bool ReadKwargs(RunContext context, out bool prompts)
    {
        prompts = false;
        bool pads = false;
        if (context.Args.Find("kwargs") is not { } kwargs)
        {
            return pads;
        }

        foreach (JsonProperty kwarg in kwargs.EnumerateObject())
        {
            switch (kwarg.Name)
            {
                case "padding":
                    pads = kwarg.Value.GetBoolean();
                    break;
                case "add_generation_prompt":
                    prompts = kwarg.Value.GetBoolean();
                    break;
                default:
                    throw new NotUnderstoodException($"the argument '{kwarg.Name}' of a processor is not known");
            }
        }

        return pads;
    }

    private static string Folder(RunContext context) => context.PathOf(
        context.Run.Args.TryGetProperty("config", out JsonElement config) ? config.GetString()! : "checkpoint");

    private static JsonElement? Settings(RunContext context)
    {
        string path = Path.Combine(Folder(context), ProcessorFile);
        if (!File.Exists(path))
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }
}
