using Percept.Text;

namespace Percept.Checkpoints;

/// <summary>Writes a folder of the hub as GGUF: a language model, and the tower of an image-text model beside it.</summary>
internal static class HubToGguf
{
    private static readonly string[] s_imageText = ["llava", "llava_next"];

    internal static ConvertReport Convert(string folder, TensorSource source, string output, ConvertRun run)
    {
        if (!Directory.Exists(folder))
        {
            throw new NotSupportedException(
                $"'{folder}' is a file of tensors, which does not say what model they are. Name the folder with its config.json.");
        }

        ConfigReader config = ConfigReader.Read(Path.Combine(folder, "config.json"));
        string type = config.FindText("model_type") ?? throw new InvalidDataException(
            $"'{config.File}' has no 'model_type'. Use the configuration that was published with the weights.");
        var layout = new HubLayout(source);
        WeightType weights = run.Options.Type ?? WeightType.F16;
        string name = run.Options.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        bool hasTower = s_imageText.Contains(type);
        var tower = hasTower ? new TowerExport(config, layout) : null;
        ConfigReader text = hasTower ? config.SectionOrEmpty("text_config") : config;
        var decoder = new DecoderExport(text, layout);
        List<KeyValuePair<string, GgufValue>> values =
        [
            new("general.architecture", GgufValue.Of(decoder.Architecture)), new("general.type", GgufValue.Of("model")),
            new("general.name", GgufValue.Of(name)), new("general.file_type", GgufValue.Of(weights.FileType())),
            new("general.quantization_version", GgufValue.Of(2u)),
        ];
        values.AddRange(decoder.Metadata());
        if (!HubVocabulary.IsIn(folder))
        {
            throw new FileNotFoundException($"'{folder}' has no tokenizer, which a GGUF file holds too. Finish the download.");
        }

        values.AddRange(GgufVocabularyWriter.Write(HubVocabulary.Read(folder, decoder.Vocabulary)));
        List<TensorRecipe> recipes = decoder.Tensors(weights);
        TensorToWrite[] tensors = [.. run.Plan(recipes), .. decoder.RopeTensors().Select(run.Count)];
        List<TensorRecipe> towerRecipes = tower?.Tensors(weights) ?? [];
        TensorToWrite[] towerTensors = run.Plan(towerRecipes);
        CheckUsed(layout, [.. recipes, .. towerRecipes]);

        List<KeyValuePair<string, GgufValue>>? towerValues = tower?.Metadata(name, folder, weights);
        GgufWriter.Write(run.Place(output), values, tensors);
        if (towerValues is not null)
        {
            string beside = Path.Combine(Path.GetDirectoryName(output) ?? "", "mmproj-" + Path.GetFileName(output));
            GgufWriter.Write(run.Place(beside), towerValues, towerTensors);
        }

        return run.Report(layout.Ignored, config.Unread);
    }

    /// <summary>Nothing may be left behind in silence.</summary>
    private static void CheckUsed(HubLayout layout, IEnumerable<TensorRecipe> recipes)
    {
        var used = recipes.Select(recipe => recipe.From).Concat(layout.Ignored.Select(pair => pair.Key)).ToHashSet(StringComparer.Ordinal);
        string[] left = [.. layout.Source.Tensors.Keys.Where(name => !used.Contains(name)).Order(StringComparer.Ordinal)];
        if (left.Length > 0)
        {
            throw new NotSupportedException(
                $"'{layout.Source.Description}' holds {left.Length} tensors that have no place in GGUF files of this model: " +
                $"{string.Join(", ", left.Take(4))}{(left.Length > 4 ? ", …" : "")}.");
        }
    }
}
