using System.Text;
using System.Text.Json;
using Percept.Text;

namespace Percept.Conformance;

/// <summary>The <c>kwargs</c> of a processor's call: those of text, and what is left for image and video processors.</summary>
internal sealed record PromptArguments
{
    /// <summary>Whether rows are filled up to the longest.</summary>
    internal bool Pads { get; init; }

    /// <summary>What rows are filled up to instead; null for the longest.</summary>
    internal int? Length { get; init; }

    /// <summary>Lengths are multiples of this; null for any.</summary>
    internal int? MultipleOf { get; init; }

    /// <summary>Where rows are filled up; null as the tokenizer says.</summary>
    internal TextSide? Side { get; init; }

    /// <summary>Whether the tokenizer adds its tokens; null as usual.</summary>
    internal bool? AddSpecialTokens { get; init; }

    /// <summary>Whether a conversation ends where the answer begins.</summary>
    internal bool AddGenerationPrompt { get; init; }

    /// <summary>Whether a conversation's last message is left open.</summary>
    internal bool ContinueFinalMessage { get; init; }

    /// <summary>Settings of image and video processors; null for none.</summary>
    internal JsonElement? Overrides { get; init; }

    internal static PromptArguments Read(JsonElement? kwargs)
    {
        var read = new PromptArguments();
        if (kwargs is not { } given)
        {
            return read;
        }

        var rest = new List<string>();
        int? longest = null;
        bool fills = false;
        foreach (JsonProperty kwarg in given.EnumerateObject())
        {
            JsonElement value = kwarg.Value;
            switch (kwarg.Name)
            {
                case "padding":
                    read = read with { Pads = Padding(value, out fills) };
                    break;
                case "max_length":
                    longest = value.GetInt32();
                    break;
                case "truncation" when value.ValueKind is JsonValueKind.False or JsonValueKind.Null:
                case "return_tensors":
                    break;
                case "pad_to_multiple_of":
                    read = read with { MultipleOf = value.GetInt32() };
                    break;
                case "padding_side":
                    read = read with { Side = value.GetString() == "left" ? TextSide.Left : TextSide.Right };
                    break;
                case "add_special_tokens":
                    read = read with { AddSpecialTokens = value.GetBoolean() };
                    break;
                case "add_generation_prompt":
                    read = read with { AddGenerationPrompt = value.GetBoolean() };
                    break;
                case "continue_final_message":
                    read = read with { ContinueFinalMessage = value.GetBoolean() };
                    break;
                default:
                    rest.Add($"\"{JsonEncodedText.Encode(kwarg.Name)}\": {value.GetRawText()}");
                    break;
            }
        }

        return read with { Length = fills ? longest : null, Overrides = rest.Count == 0 ? null : Parse(rest) };
    }

    private static bool Padding(JsonElement value, out bool fills)
    {
        fills = value.ValueKind == JsonValueKind.String && value.GetString() == "max_length";
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when value.GetString() is "longest" or "max_length" => true,
            JsonValueKind.String when value.GetString() == "do_not_pad" => false,
            _ => throw new InvalidDataException($"The argument 'padding' is {value.GetRawText()}, expected a way of padding."),
        };
    }

    private static JsonElement Parse(List<string> settings)
    {
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetBytes($"{{{string.Join(", ", settings)}}}"));
        return document.RootElement.Clone();
    }
}
