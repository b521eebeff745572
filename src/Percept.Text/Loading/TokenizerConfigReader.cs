using System.Globalization;
using System.Text.Json;

namespace Percept.Text;

/// <summary>Reads <c>tokenizer_config.json</c> and the files beside it.</summary>
public static class TokenizerConfigReader
{
    private const int MaxDepth = 32;
    private const string TokenEnding = "_token";

    /// <summary>The roles that every tokenizer can have, in the reference's order.</summary>
    internal static readonly string[] s_roles =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>Reads the settings.</summary>
    /// <param name="config">The bytes of <c>tokenizer_config.json</c>; empty for none.</param>
    /// <param name="specialTokensMap">The bytes of <c>special_tokens_map.json</c>; empty for none. It names tokens that
    /// the first file does not.</param>
    /// <param name="addedTokens">The bytes of <c>added_tokens.json</c>; empty for none.</param>
    /// <param name="chatTemplate">The text of <c>chat_template.jinja</c>; null for none. It goes before the first
    /// file's.</param>
    /// <exception cref="InvalidDataException">A file is no JSON object, or a setting has a wrong type; the message
    /// names it.</exception>
    public static TokenizerConfig Read(
        ReadOnlyMemory<byte> config,
        ReadOnlyMemory<byte> specialTokensMap = default,
        ReadOnlyMemory<byte> addedTokens = default,
        string? chatTemplate = null)
    {
        TokenizerConfig result = config.IsEmpty ? new TokenizerConfig() : Parse("tokenizer_config.json", config, Read);
        if (!specialTokensMap.IsEmpty)
        {
            result = Parse("special_tokens_map.json", specialTokensMap, map => WithMap(result, map));
        }

        if (!addedTokens.IsEmpty && result.AddedTokens is null)
        {
            result = Parse("added_tokens.json", addedTokens, list => WithAdded(result, list));
        }

        if (chatTemplate is not null)
        {
            result = result with
            {
                ChatTemplates = new Dictionary<string, string>(result.ChatTemplates) { ["default"] = chatTemplate },
            };
        }

        return result;
    }

    /// <summary>Reads the settings of a JSON object.</summary>
    /// <param name="json">The object of <c>tokenizer_config.json</c>.</param>
    /// <exception cref="InvalidDataException">A setting has a wrong type; the message names it.</exception>
    public static TokenizerConfig Read(JsonElement json)
    {
        const string File = "tokenizer_config.json";
        var fields = new SettingFields(json, File);
        var named = new Dictionary<string, NamedToken>(StringComparer.Ordinal);
        var extra = new List<NamedToken>();
        foreach (JsonProperty property in json.EnumerateObject())
        {
            if (property.Name.EndsWith(TokenEnding, StringComparison.Ordinal)
                && property.Value.ValueKind is (JsonValueKind.String or JsonValueKind.Object)
                && !property.Name.StartsWith("add_", StringComparison.Ordinal))
            {
                named[property.Name] = Token(property.Value, File, property.Name);
            }
        }

        ReadExtra(fields, "additional_special_tokens", named, extra);
        ReadExtra(fields, "extra_special_tokens", named, extra);
        return new TokenizerConfig
        {
            TokenizerClass = fields.Text("tokenizer_class"),
            NamedTokens = named,
            EmptyRoles = [.. s_roles.Where(role => json.TryGetProperty(role, out _) && fields.Find(role) is null)],
            ExtraTokens = extra,
            AddedTokens = Added(fields),
            ModelMaxLength = fields.Length("model_max_length"),
            PaddingSide = fields.Side("padding_side"),
            TruncationSide = fields.Side("truncation_side") ?? TextSide.Right,
            CleanUpTokenizationSpaces = fields.Flag("clean_up_tokenization_spaces") ?? false,
            AddBosToken = fields.Flag("add_bos_token"),
            AddEosToken = fields.Flag("add_eos_token"),
            AddPrefixSpace = fields.Flag("add_prefix_space"),
            Legacy = fields.Flag("legacy"),
            DoLowerCase = fields.Flag("do_lower_case"),
            StripAccents = fields.Flag("strip_accents"),
            TokenizeChineseChars = fields.Flag("tokenize_chinese_chars"),
            ChatTemplates = Templates(fields),
        };
    }

    private static T Parse<T>(string file, ReadOnlyMemory<byte> data, Func<JsonElement, T> read)
    {
        try
        {
            data = data.Span.StartsWith("\uFEFF"u8) ? data[3..] : data;
            using JsonDocument document = JsonDocument.Parse(data, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw SettingFields.Wrong(file, "the file", document.RootElement, "an object");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"'{file}' is no JSON (line {error.LineNumber + 1}). Take the tokenizer's files from their source again.", error);
        }
        catch (InvalidOperationException error)
        {
            // What JSON elements throw for a text with half a surrogate pair.
            throw new InvalidDataException($"'{file}' has a text that is not valid Unicode.", error);
        }
    }

    private static TokenizerConfig WithMap(TokenizerConfig config, JsonElement map)
    {
        TokenizerConfig other = Read(map);
        var named = new Dictionary<string, NamedToken>(other.NamedTokens, StringComparer.Ordinal);
        foreach ((string role, NamedToken token) in config.NamedTokens)
        {
            named[role] = token;
        }

        return config with
        {
            NamedTokens = named,
            ExtraTokens = [.. config.ExtraTokens.Concat(other.ExtraTokens).DistinctBy(token => token.Content)],
        };
    }

    private static TokenizerConfig WithAdded(TokenizerConfig config, JsonElement list)
    {
        var tokens = new List<AddedToken>();
        foreach (JsonProperty property in list.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt32(out int id) || id < 0)
            {
                throw SettingFields.Wrong("added_tokens.json", property.Name, property.Value, "an id from 0");
            }

            tokens.Add(new AddedToken(property.Name, id) { Normalized = true });
        }

        return config with { AddedTokens = [.. tokens.OrderBy(token => token.Id)] };
    }

    private static void ReadExtra(
        SettingFields fields, string name, Dictionary<string, NamedToken> named, List<NamedToken> extra)
    {
        if (fields.Find(name) is not { } value)
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in value.EnumerateObject())
            {
                named[property.Name] = Token(property.Value, fields.File, $"{name}.{property.Name}");
            }

            return;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw SettingFields.Wrong(fields.File, name, value, "a list or an object of tokens");
        }

        foreach (JsonElement item in value.EnumerateArray())
        {
            NamedToken token = Token(item, fields.File, name);
            if (extra.TrueForAll(known => known.Content != token.Content))
            {
                extra.Add(token);
            }
        }
    }

    private static NamedToken Token(JsonElement value, string file, string name) => value.ValueKind switch
    {
        JsonValueKind.String => new NamedToken(value.GetString()!),
        JsonValueKind.Object => AddedOf(value, file, name, -1) is var rules ? new NamedToken(rules.Content) { Rules = rules } : null!,
        _ => throw SettingFields.Wrong(file, name, value, "a token or an object with 'content'"),
    };

    private static List<AddedToken>? Added(SettingFields fields)
    {
        if (fields.Find("added_tokens_decoder") is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw SettingFields.Wrong(fields.File, "added_tokens_decoder", value, "an object of ids and tokens");
        }

        var tokens = new List<AddedToken>();
        foreach (JsonProperty property in value.EnumerateObject())
        {
            string name = $"added_tokens_decoder.{property.Name}";
            if (!int.TryParse(property.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                throw SettingFields.Wrong(fields.File, name, property.Value, "an id as its name");
            }

            tokens.Add(AddedOf(property.Value, fields.File, name, id));
        }

        return [.. tokens.OrderBy(token => token.Id)];
    }

    private static AddedToken AddedOf(JsonElement value, string file, string name, int id)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw SettingFields.Wrong(file, name, value, "an object with 'content'");
        }

        var fields = new SettingFields(value, file);
        string content = fields.Text("content") ?? throw SettingFields.Wrong(file, name, value, "an object with 'content'");
        bool special = fields.Flag("special") ?? id < 0;
        return new AddedToken(content, id)
        {
            SingleWord = fields.Flag("single_word") ?? false,
            LeftStrip = fields.Flag("lstrip") ?? false,
            RightStrip = fields.Flag("rstrip") ?? false,
            Normalized = fields.Flag("normalized") ?? !special,
            Special = special,
        };
    }

    private static Dictionary<string, string> Templates(SettingFields fields)
    {
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        if (fields.Find("chat_template") is not { } value)
        {
            return templates;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            templates["default"] = value.GetString()!;
            return templates;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw SettingFields.Wrong(fields.File, "chat_template", value, "a text or a list of named templates");
        }

        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                throw SettingFields.Wrong(fields.File, "chat_template", item, "an object with 'name' and 'template'");
            }

            var entry = new SettingFields(item, fields.File);
            templates[entry.Text("name") ?? "default"] = entry.Text("template")
                ?? throw SettingFields.Wrong(fields.File, "chat_template", item, "an object with 'name' and 'template'");
        }

        return templates;
    }
}
