using System.Globalization;
using Percept.Checkpoints;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Bench.Models;

/// <summary>
/// <c>make SHAPE FOLDER [--type Q4_0]</c>: writes a checkpoint of a published model's true sizes with random weights, as GGUF files;
/// of LLaVA with its vision tower beside it.
/// </summary>
internal static class MakeCommand
{
    private static readonly DecoderShape[] s_shapes = [DecoderShape.Qwen2Half, DecoderShape.Qwen2Vl, DecoderShape.Llava7B];

    internal static int Run(string[] args)
    {
        DType type = DType.Q4_0;
        bool typed = args.Length == 4 && args[2] == "--type" && Enum.TryParse(args[3], ignoreCase: true, out type);
        if ((args.Length != 2 && !typed) || s_shapes.FirstOrDefault(shape => shape.Name == args[0]) is not { } chosen)
        {
            Console.Error.WriteLine(
                $"Usage: dotnet run -c Release --project bench -- make SHAPE FOLDER [--type TYPE]; shapes: {string.Join(", ", s_shapes.Select(s => s.Name))}");
            return 2;
        }

        Directory.CreateDirectory(args[1]);
        string file = Path.Combine(args[1], $"{chosen.Name}-{type.ToString().ToLowerInvariant()}.gguf");
        Write(chosen, type, file);
        Console.WriteLine(file);
        if (chosen == DecoderShape.Llava7B)
        {
            string tower = Path.Combine(args[1], "mmproj-f16.gguf");
            TowerShape.Write(tower, chosen.Reader.Int("hidden_size"));
            Console.WriteLine(tower);
        }

        return 0;
    }

    private static void Write(DecoderShape shape, DType type, string file)
    {
        ConfigReader config = shape.Reader;
        string architecture = config.FindText("model_type")!;
        KeyMap names = GgufNames.For(architecture);
        IReadOnlyList<StoredTensor> tensors = shape.Tensors(type);
        var source = new SyntheticSource(shape.Name, tensors);
        int hidden = config.Int("hidden_size"), heads = config.Int("num_attention_heads");
        var values = new List<KeyValuePair<string, GgufValue>>
        {
            new("general.architecture", GgufValue.Of(architecture)),
            new("general.name", GgufValue.Of(shape.Name)),
        };
        void Count(string key, int value) => values.Add(new($"{architecture}.{key}", GgufValue.Of((uint)value)));
        Count("block_count", config.Int("num_hidden_layers"));
        Count("context_length", config.Int("max_position_embeddings", 32768));
        Count("embedding_length", hidden);
        Count("feed_forward_length", config.Int("intermediate_size"));
        Count("attention.head_count", heads);
        Count("attention.head_count_kv", config.Int("num_key_value_heads"));
        Count("vocab_size", config.Int("vocab_size"));
        Count("rope.dimension_count", hidden / heads);
        values.Add(new($"{architecture}.attention.layer_norm_rms_epsilon", GgufValue.Of((float)config.Number("rms_norm_eps", 1e-6))));
        values.Add(new($"{architecture}.rope.freq_base", GgufValue.Of((float)config.Number("rope_theta", 10000))));
        values.AddRange(GgufVocabularyWriter.Write(Vocabulary(config.Int("vocab_size"))));
        GgufWriter.Write(
            file, values,
            tensors.Select(tensor => new TensorToWrite(
                names.ToFile(tensor.Name), tensor.Type!.Value, tensor.Shape, () => source.Read(tensor.Name))));
    }

    /// <summary>A vocabulary of Llama's kind: control tokens, bytes, and short words.</summary>
    private static GgufVocabulary Vocabulary(int size)
    {
        var tokens = new List<string> { "<unk>", "<s>", "</s>" };
        var types = new List<SentencePieceType> { SentencePieceType.Unknown, SentencePieceType.Control, SentencePieceType.Control };
        for (int value = 0; value < 256; value++)
        {
            tokens.Add(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"));
            types.Add(SentencePieceType.Byte);
        }

        for (int i = 0; tokens.Count < size; i++)
        {
            tokens.Add(i < 26 ? ((char)('a' + i)).ToString() : i == 26 ? "▁" : $"▁{Letters(i - 27)}");
            types.Add(SentencePieceType.Normal);
        }

        return new GgufVocabulary
        {
            Model = "llama",
            PreTokenizer = "default",
            Tokens = tokens,
            Types = types,
            Scores = [.. Enumerable.Range(0, size).Select(i => (float)-i)],
            BosId = 1,
            EosId = 2,
            UnknownId = 0,
            AddBos = true,
        };
    }

    private static string Letters(int number)
    {
        string text = string.Empty;
        for (number++; number > 0; number = (number - 1) / 26)
        {
            text = (char)('a' + ((number - 1) % 26)) + text;
        }

        return text;
    }
}
