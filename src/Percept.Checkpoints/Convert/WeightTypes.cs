using Percept.Tensors;

namespace Percept.Checkpoints;

/// <summary>Names and rules of <see cref="WeightType"/>.</summary>
public static class WeightTypes
{
    private static readonly (string Name, WeightType Type)[] s_names =
    [
        ("f32", WeightType.F32), ("f16", WeightType.F16), ("bf16", WeightType.BF16), ("q8_0", WeightType.Q8_0), ("q4_0", WeightType.Q4_0),
        ("q4_k", WeightType.Q4_K), ("q4_k_m", WeightType.Q4_K), ("q6_k", WeightType.Q6_K),
    ];

    /// <summary>The names that <see cref="Parse"/> reads.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_names.Select(pair => pair.Name)];

    /// <summary>The type of a name.</summary>
    /// <param name="name">The name, in either case.</param>
    /// <exception cref="ArgumentException">There is no such type; the message lists those there are.</exception>
    public static WeightType Parse(string name)
    {
        foreach ((string known, WeightType type) in s_names)
        {
            if (string.Equals(known, name, StringComparison.OrdinalIgnoreCase))
            {
                return type;
            }
        }

        throw new ArgumentException($"There is no type '{name}'; there are {string.Join(", ", Names)}.", nameof(name));
    }

    /// <summary>Whether only GGUF holds it.</summary>
    internal static bool IsQuantized(this WeightType type) => type >= WeightType.Q8_0;

    /// <summary>The number of <c>general.file_type</c>.</summary>
    internal static uint FileType(this WeightType type) => type switch
    {
        WeightType.F32 => 0,
        WeightType.F16 => 1,
        WeightType.BF16 => 32,
        WeightType.Q8_0 => 7,
        WeightType.Q4_0 => 2,
        WeightType.Q4_K => 15,
        _ => 18,
    };

    /// <summary>
    /// How a tensor of a language model is stored: vectors single, the head better than the rest, and in the K mix what
    /// llama.cpp stores better (reference: llama.cpp, src/llama-quant.cpp).
    /// </summary>
    /// <param name="type">What the user chose.</param>
    /// <param name="name">The tensor's name in GGUF.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="layers">How many layers the model has.</param>
    /// <param name="isTied">Whether the table of embeddings is the head.</param>
    internal static DType Choose(WeightType type, string name, in Shape shape, int layers, bool isTied)
    {
        if (shape.Rank < 2)
        {
            return DType.F32;
        }

        bool isHead = name == "output.weight" || (isTied && name == "token_embd.weight");
        DType wanted = type switch
        {
            WeightType.F32 => DType.F32,
            WeightType.F16 => DType.F16,
            WeightType.BF16 => DType.BF16,
            WeightType.Q8_0 => DType.Q8_0,
            WeightType.Q6_K => DType.Q6_K,
            _ when isHead => DType.Q6_K,
            WeightType.Q4_0 => DType.Q4_0,
            _ when name.EndsWith(".attn_qkv.weight", StringComparison.Ordinal) => DType.Q5_K,
            _ when IsWorthMore(name, layers) => DType.Q6_K,
            _ => DType.Q4_K,
        };
        int columns = shape[-1];
        return columns % wanted.BlockElements() == 0 ? wanted
            : columns % 32 != 0 ? DType.F16
            : wanted switch
            {
                DType.Q4_K => DType.Q5_0,
                DType.Q5_K => DType.Q5_1,
                _ => DType.Q8_0,
            };
    }

    /// <summary>How a tensor of a vision tower is stored: small beside a language model, and its errors show.</summary>
    internal static DType ChooseTower(WeightType type, in Shape shape) =>
        shape.Rank < 2 ? DType.F32
        : type == WeightType.F32 ? DType.F32
        : type == WeightType.BF16 ? DType.BF16
        : DType.F16;

    /// <summary>The first and last eighth of the layers, and every third between.</summary>
    private static bool IsWorthMore(string name, int layers)
    {
        string[] parts = name.Split('.');
        return parts is ["blk", var number, "attn_v" or "ffn_down", "weight"] && int.TryParse(number, out int layer)
            && (layer < layers / 8 || layer >= 7 * layers / 8 || (layer - (layers / 8)) % 3 == 2);
    }
}
