using System.Collections.Frozen;

namespace Percept.Text;

/// <summary>The styles by their usual names.</summary>
public sealed partial record ConversationStyle
{
    private const string HumanSystem = "A chat between a curious human and an artificial intelligence assistant. "
        + "The assistant gives helpful, detailed, and polite answers to the human's questions.";

    private const string UserSystem = "A chat between a curious user and an artificial intelligence assistant. "
        + "The assistant gives helpful, detailed, and polite answers to the user's questions.";

    private static readonly ConversationStyle s_vicuna = new()
    {
        Separators = ConversationSeparators.Two,
        System = UserSystem,
        Separator = " ",
        SecondSeparator = "</s>",
    };

    private static readonly ConversationStyle s_llama2 = new()
    {
        Separators = ConversationSeparators.Llama2,
        Separator = "<s>",
        SecondSeparator = "</s>",
    };

    private static readonly ConversationStyle s_chatml = new()
    {
        Separators = ConversationSeparators.Mpt,
        System = "<|im_start|>system\nAnswer the questions.",
        Roles = ("<|im_start|>user\n", "<|im_start|>assistant\n"),
        Separator = "<|im_end|>",
    };

    private static readonly FrozenDictionary<string, ConversationStyle> s_named = new Dictionary<string, ConversationStyle>
    {
        ["vicuna_v0"] = new() { System = HumanSystem, Roles = ("Human", "Assistant") },
        ["vicuna_v1"] = s_vicuna,
        ["llava_v1"] = s_vicuna with { System = HumanSystem },
        ["llama_2"] = s_llama2,
        ["mistral_instruct"] = s_llama2 with { Separator = "" },
        ["chatml_direct"] = s_chatml,
        ["qwen"] = s_chatml with
        {
            System = "<|im_start|>system\nYou are a helpful assistant.", Separator = "<|im_end|>\n",
        },
        ["llava_llama_3"] = new()
        {
            Separators = ConversationSeparators.Mpt,
            System = "<|start_header_id|>system<|end_header_id|>\n\nYou are a helpful language and vision assistant. "
                + "You are able to understand the visual content that the user provides, "
                + "and assist the user with a variety of tasks using natural language.",
            Roles = ("<|start_header_id|>user<|end_header_id|>\n\n", "<|start_header_id|>assistant<|end_header_id|>\n\n"),
            Separator = "<|eot_id|>",
        },
        ["mpt"] = s_chatml with
        {
            System = "<|im_start|>system\nA conversation between a user and an LLM-based AI assistant. "
                + "The assistant gives helpful and honest answers.",
        },
        ["plain"] = new() { Separators = ConversationSeparators.Plain, Roles = ("", ""), Separator = "\n" },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names that <see cref="Named"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_named.Keys.Order(StringComparer.Ordinal)];

    /// <summary>
    /// A style by its usual name; set <see cref="System"/> for another system prompt (Llama 2 has none of its own
    /// here).
    /// </summary>
    /// <exception cref="ArgumentException">There is no style of this name.</exception>
    public static ConversationStyle Named(string name) => s_named.TryGetValue(name, out ConversationStyle? style)
        ? style
        : throw new ArgumentException($"There is no conversation style '{name}'; there are {string.Join(", ", Names)}.", nameof(name));
}
