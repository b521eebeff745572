using System.Text;
using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Bench.Models;

/// <summary>The true sizes of a published decoder.</summary>
/// <param name="Name">How the benchmark calls it.</param>
/// <param name="Config">Its <c>config.json</c>.</param>
internal sealed record DecoderShape(string Name, string Config)
{
    /// <summary>Qwen2-0.5B.</summary>
    internal static DecoderShape Qwen2Half { get; } = new(
        "qwen2-0.5b",
        """
        {"model_type": "qwen2", "hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24, "num_attention_heads": 14,
         "num_key_value_heads": 2, "vocab_size": 151936, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "tie_word_embeddings": true}
        """);

    /// <summary>A small Llama whose rows are whole numbers of blocks of every type.</summary>
    internal static DecoderShape Small { get; } = new(
        "llama-0.2b",
        """
        {"model_type": "llama", "hidden_size": 1024, "intermediate_size": 2816, "num_hidden_layers": 16, "num_attention_heads": 16,
         "num_key_value_heads": 4, "vocab_size": 32000, "rms_norm_eps": 1e-5, "max_position_embeddings": 4096}
        """);

    /// <summary>The text part of Qwen2-VL-2B.</summary>
    internal static DecoderShape Qwen2Vl { get; } = new(
        "qwen2-vl-2b",
        """
        {"model_type": "qwen2", "hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28, "num_attention_heads": 12,
         "num_key_value_heads": 2, "vocab_size": 151936, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "tie_word_embeddings": true}
        """);

    /// <summary>The text part of LLaVA-1.5-7B: Vicuna.</summary>
    internal static DecoderShape Llava7B { get; } = new(
        "llava-1.5-7b",
        """
        {"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
         "num_key_value_heads": 32, "vocab_size": 32064, "rms_norm_eps": 1e-5, "max_position_embeddings": 4096}
        """);

    /// <summary>The configuration, to be read anew.</summary>
    internal ConfigReader Reader => ConfigReader.Parse(Encoding.UTF8.GetBytes(Config), $"{Name}/config.json");

    /// <summary>The tensors of a checkpoint of this shape.</summary>
    /// <param name="type">The type of its matrices.</param>
    internal IReadOnlyList<StoredTensor> Tensors(DType type)
    {
        ConfigReader config = Reader;
        bool qwen = config.FindText("model_type") == "qwen2", tied = config.Flag("tie_word_embeddings", false);
        int hidden = config.Int("hidden_size"), inner = config.Int("intermediate_size"), heads = config.Int("num_attention_heads");
        int keys = config.Int("num_key_value_heads") * (hidden / heads), vocabulary = config.Int("vocab_size");
        var tensors = new List<StoredTensor>();
        void Add(string name, DType kind, params ReadOnlySpan<int> sizes)
        {
            Shape shape = Shape.Create(sizes);
            tensors.Add(new StoredTensor(name, kind, kind.ToString(), shape, kind.ByteCount(shape.Count), Name));
        }

        Add("model.embed_tokens.weight", type, vocabulary, hidden);
        for (int i = 0; i < config.Int("num_hidden_layers"); i++)
        {
            string layer = $"model.layers.{i}.";
            Add(layer + "input_layernorm.weight", DType.F32, hidden);
            Add(layer + "post_attention_layernorm.weight", DType.F32, hidden);
            Add(layer + "self_attn.q_proj.weight", type, hidden, hidden);
            Add(layer + "self_attn.k_proj.weight", type, keys, hidden);
            Add(layer + "self_attn.v_proj.weight", type, keys, hidden);
            Add(layer + "self_attn.o_proj.weight", type, hidden, hidden);
            Add(layer + "mlp.gate_proj.weight", type, inner, hidden);
            Add(layer + "mlp.up_proj.weight", type, inner, hidden);
            Add(layer + "mlp.down_proj.weight", type, hidden, inner);
            if (qwen)
            {
                Add(layer + "self_attn.q_proj.bias", DType.F32, hidden);
                Add(layer + "self_attn.k_proj.bias", DType.F32, keys);
                Add(layer + "self_attn.v_proj.bias", DType.F32, keys);
            }
        }

        Add("model.norm.weight", DType.F32, hidden);
        if (!tied)
        {
            Add("lm_head.weight", type, vocabulary, hidden);
        }

        return tensors;
    }

    /// <summary>A model of random weights.</summary>
    /// <param name="type">The type of its matrices.</param>
    /// <param name="precision">How products are computed.</param>
    /// <param name="spread">The standard deviation of its weights; null for random codes.</param>
    internal ILanguageModel Make(DType type, LinearPrecision precision = LinearPrecision.Fast, float? spread = null)
    {
        var store = new WeightStore(new LoadOptions { Precision = precision });
        using var source = new SyntheticSource(Name, Tensors(type), spread);
        ConfigReader config = Reader;
        ILanguageModel model = LanguageFamilies.Find(config).Make(config, store.Add(source).Root);
        store.Finish();
        return model;
    }

    /// <summary>Numbers in the matrices that every token passes, the head not counted.</summary>
    internal long LayerParameters => Tensors(DType.F32).Where(tensor => tensor.Shape.Rank == 2 && tensor.Name.Contains("layers", StringComparison.Ordinal))
        .Sum(tensor => tensor.Shape.Count);

    /// <summary>Bytes of weights that one token reads: all but a separate table of embeddings.</summary>
    /// <param name="type">The type of the matrices.</param>
    internal long BytesRead(DType type)
    {
        IReadOnlyList<StoredTensor> tensors = Tensors(type);
        bool tied = tensors.All(tensor => tensor.Name != "lm_head.weight");
        return tensors.Where(tensor => tied || !tensor.Name.Contains("embed_tokens", StringComparison.Ordinal)).Sum(tensor => tensor.Bytes);
    }
}
