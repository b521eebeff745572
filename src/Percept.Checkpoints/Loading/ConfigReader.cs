using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Percept.Checkpoints;

/// <summary>
/// Reads a model's <c>config.json</c>: typed values with defaults, older and newer spellings of a key, nested sections; knows
/// in the end which keys nobody asked for.
/// </summary>
/// <remarks>A key whose value is <c>null</c> counts as absent. Used by one thread.</remarks>
public sealed class ConfigReader
{
    /// <summary>Keys that describe the file, training, or output of the reference's Python objects; they change no number.</summary>
    private static readonly HashSet<string> s_descriptive = new(StringComparer.Ordinal)
    {
        "architectures", "model_type", "transformers_version", "torch_dtype", "dtype", "_name_or_path", "use_cache", "auto_map",
        "_commit_hash", "_attn_implementation", "_attn_implementation_autoset", "attn_implementation", "initializer_range",
        "initializer_factor", "attention_dropout", "hidden_dropout", "hidden_dropout_prob", "attention_probs_dropout_prob", "dropout",
        "classifier_dropout", "resid_pdrop", "embd_pdrop", "attn_pdrop", "activation_dropout", "pretraining_tp",
        "gradient_checkpointing", "output_attentions", "output_hidden_states", "return_dict", "use_return_dict", "torchscript",
        "id2label", "label2id", "problem_type", "tokenizer_class", "task_specific_params", "finetuning_task", "cache_implementation",
        "chunk_size_feed_forward", "pruned_heads", "use_bfloat16", "tf_legacy_loss", "is_encoder_decoder", "is_decoder",
        "bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "decoder_start_token_id", "forced_bos_token_id",
        "forced_eos_token_id", "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups",
        "diversity_penalty", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty",
        "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "output_scores",
        "return_dict_in_generate", "remove_invalid_values", "exponential_decay_length_penalty", "suppress_tokens",
        "begin_suppress_tokens", "cross_attention_hidden_size", "prefix", "summary_type", "summary_use_proj", "summary_activation",
        "summary_proj_to_labels", "summary_first_dropout", "router_aux_loss_coef", "output_router_logits", "unsloth_version",
    };

    private const int MaxShown = 200;
    private const long MaxBytes = 64L << 20;

    private readonly JsonElement _object;
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfigReader> _sections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _assumed = new(StringComparer.Ordinal);
    private readonly string _file;
    private readonly string _path;

    /// <summary>Reads an object.</summary>
    /// <param name="values">The object.</param>
    /// <param name="file">The file, as errors name it.</param>
    /// <exception cref="InvalidDataException">It is no object.</exception>
    public ConfigReader(JsonElement values, string file)
        : this(values, file, string.Empty)
    {
    }

    private ConfigReader(JsonElement values, string file, string path)
    {
        _file = file;
        _path = path;
        if (values.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"'{file}'{At(path)} holds {values.ValueKind}, expected an object.");
        }

        _object = values;
        foreach (JsonProperty property in values.EnumerateObject())
        {
            string name = NameOf(property);
            if (!s_descriptive.Contains(name) && property.Value.ValueKind != JsonValueKind.Null)
            {
                _unread.Add(name);
            }
        }
    }

    /// <summary>The file, as errors name it.</summary>
    public string File => _file;

    /// <summary>The object itself.</summary>
    public JsonElement Values => _object;

    /// <summary>The keys that nobody asked for, those of sections with their path, sorted.</summary>
    public IReadOnlyList<string> Unread =>
    [
        .. _unread.Select(name => _path + name).Concat(_sections.Values.SelectMany(section => section.Unread))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    public static ConfigReader Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!System.IO.File.Exists(path))
        {
            throw new FileNotFoundException(
                $"'{path}' is missing. A checkpoint's folder needs it to say what model the weights are of.", path);
        }

        long length = new FileInfo(path).Length;
        return length <= MaxBytes
            ? Parse(System.IO.File.ReadAllBytes(path), path)
            : throw new InvalidDataException(
                $"'{path}' has {length} bytes, expected at most {MaxBytes}. Use the configuration that was published with the weights.");
    }

    /// <summary>Reads JSON text.</summary>
    /// <param name="json">UTF-8, with or without a byte order mark.</param>
    /// <param name="file">The file, as errors name it.</param>
    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    public static ConfigReader Parse(ReadOnlySpan<byte> json, string file)
    {
        try
        {
            json = json.StartsWith(Encoding.UTF8.Preamble) ? json[3..] : json;
            using JsonDocument document = JsonDocument.Parse(json.ToArray());
            return new ConfigReader(document.RootElement.Clone(), file);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{file}' is not JSON: {error.Message} Download the file again.", error);
        }
    }

    /// <summary>Sets what holds where a key is absent or null: what a larger model assumes of its part.</summary>
    /// <param name="name">The key.</param>
    /// <param name="json">The value, as JSON.</param>
    public void Assume(string name, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        _assumed[name] = document.RootElement.Clone();
    }

    /// <summary>Whether one of the keys is there. Marks nothing as read.</summary>
    /// <param name="names">The spellings.</param>
    public bool Has(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (_object.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a key is there and says <c>null</c>: "none", where an absent key means the default. Marks it as read.</summary>
    /// <param name="name">The key.</param>
    public bool IsNull(string name)
    {
        _unread.Remove(name);
        return _object.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Null;
    }

    /// <summary>Marks a key as known to change nothing.</summary>
    /// <param name="names">The keys.</param>
    public void Skip(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            _unread.Remove(name);
        }
    }

    /// <summary>A value of any kind; null when no spelling is there. Marks all spellings as read.</summary>
    /// <param name="names">The spellings; the first that is there counts.</param>
    public JsonElement? Find(params ReadOnlySpan<string> names)
    {
        JsonElement? found = null;
        JsonElement? assumed = null;
        foreach (string name in names)
        {
            _unread.Remove(name);
            if (found is null && _object.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                found = value;
            }

            assumed ??= _assumed.TryGetValue(name, out JsonElement other) ? other : null;
        }

        return found ?? assumed;
    }

    /// <summary>A nested object; null when it is absent. Its unread keys count here.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is no object.</exception>
    public ConfigReader? FindSection(string name)
    {
        if (_sections.TryGetValue(name, out ConfigReader? known))
        {
            return known;
        }

        if (Find(name) is not { } value)
        {
            return null;
        }

        var section = new ConfigReader(value, _file, $"{_path}{name}.");
        _sections.Add(name, section);
        return section;
    }

    /// <summary>A nested object, an empty one when it is absent: all its keys have their defaults.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is no object.</exception>
    public ConfigReader SectionOrEmpty(string name)
    {
        if (FindSection(name) is { } section)
        {
            return section;
        }

        using JsonDocument empty = JsonDocument.Parse("{}");
        section = new ConfigReader(empty.RootElement.Clone(), _file, $"{_path}{name}.");
        _sections.Add(name, section);
        return section;
    }

    /// <summary>A nested object that must be there.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is absent or no object.</exception>
    public ConfigReader Section(string name) => FindSection(name) ?? throw Missing(name, "an object");

    /// <summary>A whole number that must be there.</summary>
    /// <param name="names">The spellings.</param>
    /// <exception cref="InvalidDataException">It is absent or something else.</exception>
    public int Int(params ReadOnlySpan<string> names) => FindInt(names) ?? throw Missing(names[0], "a whole number");

    /// <summary>A whole number.</summary>
    /// <param name="name">The key.</param>
    /// <param name="missing">What holds when it is absent.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public int Int(string name, int missing) => FindInt(name) ?? missing;

    /// <summary>A whole number; null when it is absent.</summary>
    /// <param name="names">The spellings.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public int? FindInt(params ReadOnlySpan<string> names) => Find(names) is { } value ? AsInt(names[0], value) : null;

    /// <summary>A number.</summary>
    /// <param name="name">The key.</param>
    /// <param name="missing">What holds when it is absent.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public double Number(string name, double missing) => FindNumber(name) ?? missing;

    /// <summary>A number; null when it is absent.</summary>
    /// <param name="names">The spellings.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public double? FindNumber(params ReadOnlySpan<string> names) => Find(names) is { } value ? AsNumber(names[0], value) : null;

    /// <summary>A flag.</summary>
    /// <param name="name">The key.</param>
    /// <param name="missing">What holds when it is absent.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public bool Flag(string name, bool missing) => Find(name) is not { } value
        ? missing
        : value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(name, value, "true or false"),
        };

    /// <summary>A text; null when it is absent.</summary>
    /// <param name="names">The spellings.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public string? FindText(params ReadOnlySpan<string> names) => Find(names) is { } value ? AsText(names[0], value) : null;

    /// <summary>A text.</summary>
    /// <param name="name">The key.</param>
    /// <param name="missing">What holds when it is absent.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public string Text(string name, string missing) => FindText(name) ?? missing;

    /// <summary>A list of whole numbers, a single number being a list of one; null when it is absent.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public int[]? FindInts(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(item => AsInt(name, item))]
            : [AsInt(name, value)];

    /// <summary>A list of numbers; null when it is absent.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public double[]? FindNumbers(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(item => AsNumber(name, item))]
            : throw Wrong(name, value, "a list of numbers");

    /// <summary>A list of texts; null when it is absent.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public string[]? FindTexts(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(item => AsText(name, item))]
            : throw Wrong(name, value, "a list of texts");

    /// <summary>An error about a key of this file.</summary>
    /// <param name="name">The key.</param>
    /// <param name="found">What it holds.</param>
    /// <param name="expected">What it must hold.</param>
    public InvalidDataException Wrong(string name, JsonElement found, string expected)
    {
        string text = found.GetRawText();
        string shown = text.Length <= MaxShown ? text : $"{text[..MaxShown]}…";
        return new($"'{_path}{name}' in '{_file}' is {shown}, expected {expected}.");
    }

    /// <summary>An error about a value that Percept does not have.</summary>
    /// <param name="name">The key.</param>
    /// <param name="found">What it holds.</param>
    /// <param name="supported">What is supported.</param>
    public NotSupportedException Unsupported(string name, string found, string supported) =>
        new($"'{_path}{name}' in '{_file}' is '{found}'; supported are {supported}.");

    private static string At(string path) => path.Length == 0 ? string.Empty : $" at '{path.TrimEnd('.')}'";

    private InvalidDataException Missing(string name, string expected) =>
        new($"'{_file}' has no '{_path}{name}', expected {expected}. Use the configuration that was published with the weights.");

    private string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException($"'{_file}'{At(_path)} has a key that is no valid Unicode text.", error);
        }
    }

    private int AsInt(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            if (value.TryGetInt32(out int number))
            {
                return number;
            }

            double real = value.GetDouble();
            if (Math.Abs(real) <= int.MaxValue && Math.Floor(real) == real)
            {
                return (int)real;
            }
        }

        throw Wrong(name, value, "a whole number");
    }

    private double AsNumber(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            double real = value.GetDouble();
            return double.IsFinite(real) ? real : throw Wrong(name, value, "a finite number");
        }

        // Some published files write numbers as texts ("1e-6").
        return value.ValueKind == JsonValueKind.String
            && double.TryParse(AsText(name, value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number)
                ? number
                : throw Wrong(name, value, "a number");
    }

    private string AsText(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw Wrong(name, value, "a text");
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException($"'{_path}{name}' in '{_file}' is no valid Unicode text.", error);
        }
    }
}
