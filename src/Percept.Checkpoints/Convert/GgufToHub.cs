using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Checkpoints;

/// <summary>Writes a GGUF model as the hub has it: names, order of rows, norms, configuration and tokenizer.</summary>
internal static class GgufToHub
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, string> s_classes = new(StringComparer.Ordinal)
    {
        ["llama"] = "LlamaForCausalLM", ["mistral"] = "MistralForCausalLM", ["qwen2"] = "Qwen2ForCausalLM", ["qwen3"] = "Qwen3ForCausalLM",
        ["gemma"] = "GemmaForCausalLM", ["gemma2"] = "Gemma2ForCausalLM", ["gemma3_text"] = "Gemma3ForCausalLM", ["phi3"] = "Phi3ForCausalLM",
    };

    internal static ConvertReport Convert(GgufSource source, string output, ConvertRun run)
    {
        JsonObject config = GgufArchitecture.Read(source);
        KeyMap map = GgufNames.For(source);
        bool isFile = output.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
        bool isTower = GgufCompanions.IsCompanion(source.File);
        if (isTower && !isFile)
        {
            throw new NotSupportedException(
                $"'{source.Description}' is a vision tower without its language model, which makes no model of the hub. " +
                "Name a .safetensors file for its tensors alone.");
        }

        if (!isTower && !isFile && config["percept_rope_divisors"] is JsonArray divisors)
        {
            config["rope_scaling"] = Llama3Rule.Find([.. divisors.Select(value => (float)value!)], (double)config["rope_theta"]!)
                ?? throw new NotSupportedException(
                    $"'{source.Description}' holds divisors of its rotary frequencies which no usual rule gives, and a configuration of the hub " +
                    "must tell the rule. Use the hub's own files of this model, or name a .safetensors file for the tensors alone.");
        }

        var ignored = new List<KeyValuePair<string, string>>();
        var recipes = new List<TensorRecipe>();
        foreach (string name in source.Tensors.Keys.Order(StringComparer.Ordinal))
        {
            if (map.IgnoredBecause(name) is { } reason)
            {
                ignored.Add(new(name, reason));
                continue;
            }

            string own = map.ToModel(name);
            bool isNorm = config.ContainsKey("percept_norm_whole") && own.EndsWith("norm.weight", StringComparison.Ordinal);
            recipes.Add(new TensorRecipe(
                own, source, name, Target(source, name, run.Options.Type), isTower ? null : Order(own, config), isNorm ? -1 : 0));
        }

        string file = isFile ? output : Path.Combine(output, "model.safetensors");
        TensorToWrite[] tensors = run.Plan(recipes);
        SafetensorsWriter.Write(run.Place(file), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        if (!isFile)
        {
            WriteConfig(Path.Combine(output, "config.json"), config, run);
            WriteTokenizer(source.File, output, run);
        }

        return run.Report(ignored, []);
    }

    private static DType Target(TensorSource source, string name, WeightType? type)
    {
        DType stored = source.FindReadable(name).Type;
        return type switch
        {
            null => stored.IsQuantized() ? DType.F16 : stored,
            WeightType.F32 => DType.F32,
            WeightType.BF16 => DType.BF16,
            _ => DType.F16,
        };
    }

    private static int[]? Order(string name, JsonObject config)
    {
        if (!config.ContainsKey("percept_rope_interleaved"))
        {
            return null;
        }

        int head = config["head_dim"]!.GetValue<int>();
        string? heads = name.Contains(".self_attn.q_proj.", StringComparison.Ordinal) ? "num_attention_heads"
            : name.Contains(".self_attn.k_proj.", StringComparison.Ordinal) ? "num_key_value_heads"
            : null;
        return heads is null ? null : RowOrders.ToHalves(config[heads]!.GetValue<int>(), head);
    }

    private static void WriteConfig(string path, JsonObject config, ConvertRun run)
    {
        var hub = new JsonObject { ["architectures"] = new JsonArray(s_classes[(string)config["model_type"]!]) };
        foreach ((string key, JsonNode? value) in config.Where(pair => !pair.Key.StartsWith("percept_", StringComparison.Ordinal)))
        {
            hub[key] = value?.DeepClone();
        }

        Write(path, hub, run);
    }

    private static void WriteTokenizer(GgufFile file, string folder, ConvertRun run)
    {
        GgufVocabulary vocabulary = GgufVocabularyReader.Read(file);
        string path = Path.Combine(folder, "tokenizer.json");
        byte[] json = GgufTokenizer.ToJson(vocabulary);
        AtomicFile.Write(run.Place(path), stream => stream.Write(json));
        var settings = new JsonObject { ["tokenizer_class"] = "PreTrainedTokenizerFast" };
        foreach ((string role, int? id) in new[]
        {
            ("bos_token", vocabulary.BosId), ("eos_token", vocabulary.EosId), ("unk_token", vocabulary.UnknownId),
            ("pad_token", vocabulary.PaddingId),
        })
        {
            if (id is { } known)
            {
                settings[role] = vocabulary.Tokens[known];
            }
        }

        if (vocabulary.ChatTemplate is { } template)
        {
            settings["chat_template"] = template;
        }

        Write(Path.Combine(folder, "tokenizer_config.json"), settings, run);
    }

    private static void Write(string path, JsonObject json, ConvertRun run)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(json.ToJsonString(s_json) + "\n");
        AtomicFile.Write(run.Place(path), stream => stream.Write(bytes));
    }
}
