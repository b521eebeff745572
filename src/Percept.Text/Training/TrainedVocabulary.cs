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
    public byte[] ToTokenizerJson() => Write(json =>
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        for (int id = 0; id < _options.ControlTokens.Count; id++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", _options.ControlTokens[id]);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull("normalizer");
        WritePreTokenizer(json);
        json.WriteNull("post_processor");
        json.WriteStartObject("decoder");
        WriteByteLevel(json, useRegex: true);
        json.WriteEndObject();
        WriteModel(json);
    });

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

        return Write(json =>
        {
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
        });
    }

    private static byte[] Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_layout))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteByteLevel(Utf8JsonWriter json, bool useRegex)
    {
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", useRegex);
    }

    private void WritePreTokenizer(Utf8JsonWriter json)
    {
        json.WriteStartObject("pre_tokenizer");
        if (_options.SplitDigits)
        {
            json.WriteString("type", "Sequence");
            json.WriteStartArray("pretokenizers");
            json.WriteStartObject();
            json.WriteString("type", "Split");
            json.WriteStartObject("pattern");
            json.WriteString("Regex", KnownPatterns.Words(1));
            json.WriteEndObject();
            json.WriteString("behavior", "Isolated");
            json.WriteBoolean("invert", false);
            json.WriteEndObject();
            json.WriteStartObject();
            WriteByteLevel(json, useRegex: false);
            json.WriteEndObject();
            json.WriteEndArray();
        }
        else
        {
            WriteByteLevel(json, useRegex: true);
        }

        json.WriteEndObject();
    }

    private void WriteModel(Utf8JsonWriter json)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteNull("unk_token");
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        for (int id = 0; id < Tokens.Count; id++)
        {
            json.WriteNumber(Tokens[id], id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach ((string left, string right) in Merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(left);
            json.WriteStringValue(right);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
