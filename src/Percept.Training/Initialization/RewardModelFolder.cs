using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Checkpoints;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Training;

/// <summary>
/// Makes a reward model of a language model: the same weights with a layer <c>score</c> of one number in the place of the head for tokens
/// (transformers: <c>…ForSequenceClassification</c> with one label).
/// </summary>
internal static class RewardModelFolder
{
    private const double UsualRange = 0.02;
    private const string Score = "score.weight";

    /// <summary>Whether a folder's model judges texts already.</summary>
    internal static bool IsOne(string folder)
    {
        using TensorSource source = TensorSource.Open(folder);
        return source.Tensors.Keys.Any(name => name == Score || name.StartsWith("classifier.", StringComparison.Ordinal));
    }

    /// <summary>Writes a reward model, whose new layer is drawn.</summary>
    /// <param name="from">The folder of a language model.</param>
    /// <param name="to">The new folder, which must be there.</param>
    /// <param name="seed">Where the random numbers begin.</param>
    /// <exception cref="NotSupportedException">The model is no decoder of texts alone.</exception>
    internal static void Write(string from, string to, ulong seed)
    {
        string file = Path.Combine(from, "config.json");
        ConfigReader config = ConfigReader.Read(file);
        string type = config.FindText("model_type") ?? string.Empty;
        string kind = ModelFamilies.Find(type, file).Kind;
        if (kind != "language model")
        {
            throw new NotSupportedException(
                $"'{file}' describes the model_type '{type}', expected a language model, which a reward model is made of. " +
                $"It is of the kind '{kind}': set model.path to the folder of a language model, or of a classifier with 'score'.");
        }

        LoadReport report = ModelLoader.Load(from).Report;
        int hidden = report.Taken.Single(tensor => tensor.Name.EndsWith("embed_tokens.weight", StringComparison.Ordinal)).Shape[1];
        CheckpointFolder.CopyCompanions(from, to);
        WriteConfig(from, to, file);
        using TensorSource source = TensorSource.Open(from);
        SafetensorsWriter.Write(
            Path.Combine(to, "model.safetensors"),
            [.. Kept(source, report), New(hidden, config.FindNumber("initializer_range") ?? UsualRange, seed)],
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <summary>All tensors but the head for tokens.</summary>
    private static IEnumerable<TensorToWrite> Kept(TensorSource source, LoadReport report) => report.Taken
        .Where(tensor => !tensor.Name.StartsWith("lm_head.", StringComparison.Ordinal))
        .Select(tensor => tensor.FileName).Distinct()
        .Select(name => new TensorToWrite(
            name, source.Tensors[name].Type ?? throw new NotSupportedException(
                $"Tensor '{name}' of '{source.Description}' has the type {source.Tensors[name].TypeName}, which can't be written. " +
                "Convert the model first."),
            source.Tensors[name].Shape, () => source.Read(name)));

    private static TensorToWrite New(int hidden, double range, ulong seed) => new(Score, DType.F32, [1, hidden], () =>
    {
        Tensor made = Ops.Empty([1, hidden]);
        new RandomStream(seed).Split(Score).FillNormal(made.Writable<float>(), 0, (float)range);
        return made;
    });

    private static void WriteConfig(string from, string to, string file)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        string[] names = [.. json["architectures"]?.AsArray().Select(name => name!.GetValue<string>()) ?? []];
        json["architectures"] = new JsonArray(
            [.. names.Select(name => (JsonNode)name.Replace("ForCausalLM", "ForSequenceClassification", StringComparison.Ordinal))]);
        json["id2label"] = new JsonObject { ["0"] = "LABEL_0" };
        json["label2id"] = new JsonObject { ["LABEL_0"] = 0 };

        // transformers finds the last token of a padded text by it.
        if (json["pad_token_id"] is null && ProcessorLoader.Load(from).Tokenizer is var tokenizer
            && (tokenizer.TokenId("pad_token") ?? tokenizer.TokenId("eos_token")) is { } pad)
        {
            json["pad_token_id"] = pad;
        }

        byte[] text = Encoding.UTF8.GetBytes(json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        AtomicFile.Write(Path.Combine(to, "config.json"), stream => stream.Write(text));
    }
}
