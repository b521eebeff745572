using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Percept.Text;

/// <summary>A byte-level vocabulary that was learned, and the files that hold it.</summary>
public sealed class TrainedVocabulary
{
    private static readonly JsonWriterOptions s_layout = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly BpeTrainerOptions _options;

    internal TrainedVocabulary(
        IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges, BpeTrainerOptions options)
    {
        Tokens = tokens;
        Merges = merges;
        _options = options;
    }

    /// <summary>All tokens by their ids: control tokens, letters of bytes, then those of merges.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>The merges, first to last.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges { get; }

    /// <summary>A conversation in the shortest form: <c>&lt;|user|&gt;</c> or <c>&lt;|assistant|&gt;</c>, the text, and
    /// <c>&lt;|end|&gt;</c> behind what the assistant says; <c>&lt;image&gt;</c> stands for a picture.</summary>
    /// <remarks>Its four marks must be among the control tokens.</remarks>
    public const string ShortChatTemplate =
        "{%- for message in messages -%}<|{{ message['role'] }}|>"
        + "{%- if message['content'] is string -%}{{ message['content'] }}"
        + "{%- else -%}{%- for part in message['content'] -%}"
        + "{%- if part['type'] == 'image' -%}<image>{%- else -%}{{ part['text'] }}{%- endif -%}{%- endfor -%}{%- endif -%}"
        + "{%- if message['role'] == 'assistant' -%}<|end|>{%- endif -%}{%- endfor -%}"
        + "{%- if add_generation_prompt -%}<|assistant|>{%- endif -%}";

    /// <summary>The bytes of a <c>tokenizer.json</c>.</summary>
    public byte[] ToTokenizerJson()
    {
        const string ByteLevel = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""";
        const string PlainByteLevel = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}""";
        string digits = $$"""
            {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":{{TokenizerComponents.Quote(KnownPatterns.Words(1))}}},
            "behavior":"Isolated","invert":false},{{PlainByteLevel}}]}
            """;
        var steps = new TokenizerComponents(null, _options.SplitDigits ? digits : ByteLevel, null, ByteLevel);
        AddedToken[] control = [.. _options.ControlTokens.Select((token, id) =>
            new AddedToken(token, id) { Normalized = false, Special = true })];
        return BpeTokenizerJson.Write(Tokens, steps, Merges, control, BpeOptions.Default);
    }

    /// <summary>The bytes of a <c>tokenizer_config.json</c>.</summary>
    /// <param name="roles">Control tokens by their role, such as <c>eos_token</c>.</param>
    /// <param name="chatTemplate">The chat template; null for none.</param>
    /// <param name="mostTokens">The greatest length of a text in tokens.</param>
    /// <exception cref="ArgumentException">A role is given to a token that is no control token.</exception>
    public byte[] ToConfigJson(IReadOnlyDictionary<string, string> roles, string? chatTemplate, int mostTokens)
    {
        ArgumentNullException.ThrowIfNull(roles);
        foreach ((string role, string token) in roles)
        {
            if (!_options.ControlTokens.Contains(token, StringComparer.Ordinal))
            {
                throw new ArgumentException(
                    $"'{role}' is '{token}', which is no control token; those are {string.Join(", ", _options.ControlTokens)}.",
                    nameof(roles));
            }
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_layout))
        {
            json.WriteStartObject();
            json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
            json.WriteNumber("model_max_length", mostTokens);
            json.WriteBoolean("clean_up_tokenization_spaces", false);
            json.WriteString("padding_side", "right");
            foreach ((string role, string token) in roles.OrderBy(r => r.Key, StringComparer.Ordinal))
            {
                json.WriteString(role, token);
            }

            if (chatTemplate is not null)
            {
                json.WriteString("chat_template", chatTemplate);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
