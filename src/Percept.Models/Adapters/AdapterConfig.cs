using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Percept.Checkpoints;

namespace Percept.Models;

/// <summary>The settings of an adapter: <c>adapter_config.json</c> of the peft library.</summary>
/// <remarks>Reference: peft 0.21, <c>LoraConfig</c>, <c>IA3Config</c>, <c>PromptLearningConfig</c>.</remarks>
public sealed record AdapterConfig
{
    /// <summary>The file's name.</summary>
    public const string FileName = "adapter_config.json";

    /// <summary>The kind.</summary>
    public AdapterMethod Method { get; set; } = AdapterMethod.Lora;

    /// <summary>Rank of the products.</summary>
    public int Rank { get; set; } = 8;

    /// <summary>The products' factor is this over the rank, or over its root when <see cref="RankStabilised"/>.</summary>
    public double Alpha { get; set; } = 8;

    /// <summary>The share of inputs that a product does not see in training.</summary>
    public double Dropout { get; set; }

    /// <summary>Whether the factor is alpha/√r (rsLoRA).</summary>
    public bool RankStabilised { get; set; }

    /// <summary>Whether directions and lengths of the weight's rows are learned apart (DoRA).</summary>
    public bool Decomposed { get; set; }

    /// <summary>Ends of the names of the layers that it stands beside: <c>q_proj</c>, <c>mlp.down_proj</c>.</summary>
    public IReadOnlyList<string> Targets { get; set; } = [];

    /// <summary>An expression that whole names of layers must match, instead of <see cref="Targets"/>.</summary>
    public string? TargetPattern { get; set; }

    /// <summary>Of IA3: the layers whose input is multiplied, not their output.</summary>
    public IReadOnlyList<string> FeedForwardTargets { get; set; } = [];

    /// <summary>Parts that are trained whole and stored with the adapter: <c>multi_modal_projector</c>.</summary>
    public IReadOnlyList<string> WholeParts { get; set; } = [];

    /// <summary>Ranks of layers whose names end so.</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; set; } = new Dictionary<string, int>();

    /// <summary>Alphas of layers whose names end so.</summary>
    public IReadOnlyDictionary<string, double> AlphaPattern { get; set; } = new Dictionary<string, double>();

    /// <summary>Of bottleneck adapters: channels between the two layers.</summary>
    public int Bottleneck { get; set; } = 64;

    /// <summary>Of bottleneck adapters: the function between the two layers.</summary>
    public Activation Activation { get; set; } = Activation.Gelu;

    /// <summary>Of prompts and prefixes: how many learned tokens there are.</summary>
    public int VirtualTokens { get; set; }

    /// <summary>Whether it puts learned rows before prompts, and stands beside no layer.</summary>
    public bool IsPrompt => Method is AdapterMethod.PromptTuning or AdapterMethod.PTuning or AdapterMethod.PrefixTuning;

    /// <summary>Of prompts and prefixes: numbers that a learned token has, in a layer for a prefix; 0 for unknown.</summary>
    public int TokenWidth { get; set; }

    /// <summary>Of prompts and prefixes: layers of the model; 0 for unknown.</summary>
    public int Layers { get; set; }

    /// <summary>Of prompts and prefixes: heads of a layer's keys; 0 for unknown.</summary>
    public int Heads { get; set; }

    /// <summary>The model that it belongs to: a name of the hub or a path.</summary>
    public string? BaseModel { get; set; }

    /// <summary>Reads the settings of a folder.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <exception cref="FileNotFoundException">There is no <c>adapter_config.json</c>.</exception>
    /// <exception cref="NotSupportedException">Percept has no such adapter, or not this setting of it.</exception>
    public static AdapterConfig Read(string folder)
    {
        var json = ConfigReader.Read(Path.Combine(folder, FileName));
        AdapterMethod method = MethodOf(json);
        RefuseUnknown(json, method);
        JsonElement? targets = json.Find("target_modules");
        bool pattern = targets?.ValueKind == JsonValueKind.String;
        return new AdapterConfig
        {
            Method = method,
            Rank = json.Int("r", 8),
            Alpha = json.Number("lora_alpha", 8),
            Dropout = json.Number("lora_dropout", 0),
            RankStabilised = json.Flag("use_rslora", false),
            Decomposed = json.Flag("use_dora", false),
            TargetPattern = pattern ? targets!.Value.GetString() : null,
            Targets = pattern ? [] : json.FindTexts("target_modules") ?? [],
            FeedForwardTargets = json.FindTexts("feedforward_modules") ?? [],
            WholeParts = json.FindTexts("modules_to_save") ?? [],
            RankPattern = Numbers(json, "rank_pattern").ToDictionary(pair => pair.Key, pair => checked((int)pair.Value)),
            AlphaPattern = Numbers(json, "alpha_pattern"),
            Bottleneck = json.Int("bottleneck", 64),
            Activation = json.ReadActivation("gelu", "activation"),
            VirtualTokens = json.Int("num_virtual_tokens", 0),
            TokenWidth = json.Int("token_dim", 0),
            Layers = json.Int("num_layers", 0),
            Heads = json.Int("num_attention_heads", 0),
            BaseModel = json.FindText("base_model_name_or_path"),
        };
    }

    /// <summary>The settings as <c>adapter_config.json</c> holds them.</summary>
    /// <exception cref="NotSupportedException">They are no peft settings.</exception>
    public byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("base_model_name_or_path", BaseModel);
            json.WriteBoolean("inference_mode", true);
            switch (Method)
            {
                case AdapterMethod.Lora:
                    WriteLora(json);
                    break;
                case AdapterMethod.Ia3:
                    json.WriteString("peft_type", "IA3");
                    WriteTexts(json, "feedforward_modules", FeedForwardTargets);
                    break;
                case AdapterMethod.Bottleneck:
                    json.WriteString("kind", "houlsby");
                    json.WriteNumber("bottleneck", Bottleneck);
                    json.WriteString("activation", Activations.NameOf(Activation));
                    break;
                default:
                    json.WriteString("peft_type", Method switch
                    {
                        AdapterMethod.PrefixTuning => "PREFIX_TUNING",
                        AdapterMethod.PTuning => "P_TUNING",
                        _ => "PROMPT_TUNING",
                    });
                    json.WriteString("task_type", "CAUSAL_LM");
                    json.WriteNumber("num_virtual_tokens", VirtualTokens);
                    json.WriteNumber("num_transformer_submodules", 1);
                    WriteKnown(json, "token_dim", TokenWidth);
                    WriteKnown(json, "num_layers", Layers);
                    WriteKnown(json, "num_attention_heads", Heads);
                    break;
            }

            if (TargetPattern is not null)
            {
                json.WriteString("target_modules", TargetPattern);
            }
            else if (Targets.Count > 0)
            {
                WriteTexts(json, "target_modules", Targets);
            }

            if (WholeParts.Count > 0)
            {
                WriteTexts(json, "modules_to_save", WholeParts);
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Takes what is written of the model that a prompt belongs to.</summary>
    internal void SetModel(ILanguageModel model)
    {
        KvLayerShape layer = model.CacheShapes[0];
        (Layers, Heads) = (model.CacheShapes.Count, layer.Heads);
        TokenWidth = Method == AdapterMethod.PrefixTuning ? layer.KeyRow : model.HiddenSize;
    }

    /// <summary>Whether the adapter stands beside a layer.</summary>
    /// <param name="layer">The layer's name in the model.</param>
    public bool IsTarget(string layer) => TargetPattern is not null
        ? Regex.IsMatch(layer, $"^(?:{TargetPattern})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))
        : EndsWithAny(layer, Targets);

    /// <summary>Whether IA3 multiplies a layer's input.</summary>
    /// <param name="layer">The layer's name in the model.</param>
    public bool IsFeedForward(string layer) => EndsWithAny(layer, FeedForwardTargets);

    /// <summary>Whether a tensor belongs to a part that is trained whole.</summary>
    /// <param name="name">The tensor's name in the model.</param>
    public bool IsWhole(string name) => WholeParts.Any(part => $".{name}".Contains($".{part}.", StringComparison.Ordinal));

    /// <summary>The rank of a layer's products.</summary>
    /// <param name="layer">The layer's name in the model.</param>
    public int RankOf(string layer) => Pattern(layer, RankPattern, Rank);

    /// <summary>The factor of a layer's products.</summary>
    /// <param name="layer">The layer's name in the model.</param>
    /// <param name="rank">Their rank.</param>
    public double ScaleOf(string layer, int rank) =>
        Pattern(layer, AlphaPattern, Alpha) / (RankStabilised ? Math.Sqrt(rank) : rank);

    private static T Pattern<T>(string layer, IReadOnlyDictionary<string, T> patterns, T otherwise)
    {
        foreach ((string end, T value) in patterns)
        {
            if (EndsWith(layer, end) || Regex.IsMatch(
                layer, $"^(?:.*\\.)?(?:{end})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)))
            {
                return value;
            }
        }

        return otherwise;
    }

    private static bool EndsWithAny(string layer, IReadOnlyList<string> ends) => ends.Any(end => EndsWith(layer, end));

    private static bool EndsWith(string layer, string end) =>
        layer.EndsWith(end, StringComparison.Ordinal) && (layer.Length == end.Length || layer[^(end.Length + 1)] == '.');

    private static AdapterMethod MethodOf(ConfigReader json)
    {
        if (json.FindText("kind") is { } kind)
        {
            return kind == "houlsby" ? AdapterMethod.Bottleneck : throw json.Unsupported("kind", kind, "houlsby");
        }

        string type = json.FindText("peft_type") ?? throw new InvalidDataException(
            $"'{json.File}' has no 'peft_type'. Use the file that was written with the adapter.");
        return type switch
        {
            "LORA" => AdapterMethod.Lora,
            "IA3" => AdapterMethod.Ia3,
            "PROMPT_TUNING" => AdapterMethod.PromptTuning,
            "P_TUNING" => AdapterMethod.PTuning,
            "PREFIX_TUNING" => AdapterMethod.PrefixTuning,
            _ => throw json.Unsupported("peft_type", type, "LORA, IA3, PROMPT_TUNING, P_TUNING, PREFIX_TUNING"),
        };
    }

    /// <summary>Settings that change what an adapter computes and that are not built must not be passed over.</summary>
    private static void RefuseUnknown(ConfigReader json, AdapterMethod method)
    {
        if (method != AdapterMethod.Lora)
        {
            return;
        }

        if (json.Text("bias", "none") is var bias && bias != "none")
        {
            throw json.Unsupported("bias", bias, "none");
        }

        foreach (string name in (ReadOnlySpan<string>)[
            "layer_replication", "use_qalora", "target_parameters", "corda_config", "trainable_token_indices", "arrow_config",
            "use_bdlora", "lora_bias"])
        {
            if (json.Find(name) is { } value && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)
                && !(value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0))
            {
                throw json.Unsupported(name, value.ToString(), "null");
            }
        }
    }

    private static Dictionary<string, double> Numbers(ConfigReader json, string name)
    {
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        if (json.FindSection(name) is { } section)
        {
            foreach (JsonProperty property in section.Values.EnumerateObject())
            {
                numbers.Add(
                    property.Name,
                    property.Value.ValueKind == JsonValueKind.Number
                        ? property.Value.GetDouble()
                        : throw json.Wrong($"{name}.{property.Name}", property.Value, "a number"));
            }
        }

        return numbers;
    }

    private static void WriteKnown(Utf8JsonWriter json, string name, int value)
    {
        if (value > 0)
        {
            json.WriteNumber(name, value);
        }
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private void WriteLora(Utf8JsonWriter json)
    {
        json.WriteString("peft_type", "LORA");
        json.WriteString("bias", "none");
        json.WriteBoolean("fan_in_fan_out", false);
        json.WriteNumber("r", Rank);
        WriteNumber(json, "lora_alpha", Alpha);
        json.WriteNumber("lora_dropout", Dropout);
        json.WriteBoolean("use_rslora", RankStabilised);
        json.WriteBoolean("use_dora", Decomposed);
        json.WriteStartObject("rank_pattern");
        foreach ((string end, int rank) in RankPattern)
        {
            json.WriteNumber(end, rank);
        }

        json.WriteEndObject();
        json.WriteStartObject("alpha_pattern");
        foreach ((string end, double alpha) in AlphaPattern)
        {
            WriteNumber(json, end, alpha);
        }

        json.WriteEndObject();
    }

    /// <summary>Whole numbers without a fraction, as peft writes them.</summary>
    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value.ToString("R", CultureInfo.InvariantCulture));
    }
}
