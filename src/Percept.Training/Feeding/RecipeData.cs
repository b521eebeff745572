using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Percept.Data;

namespace Percept.Training;

/// <summary>Opens the datasets of a recipe.</summary>
internal static class RecipeData
{
    private const long MostHashed = 1L << 30;

    /// <summary>The sources of a mix.</summary>
    /// <exception cref="InvalidDataException">A dataset cannot be read, or two have one name.</exception>
    internal static IReadOnlyList<MixSource> Open(IReadOnlyList<DataRecipe> recipes) =>
    [
        .. recipes.Select(recipe => new MixSource(recipe.Name, WithSettings(recipe, Open(recipe)), recipe.Weight ?? 1) { MaxSamples = recipe.MostSamples }),
    ];

    /// <summary>
    /// Hashes of the files of records and of the folders that recipes name, by their paths: of a folder of the names and sizes in it and the
    /// content of its records, of very large files of their size alone.
    /// </summary>
    internal static IReadOnlyDictionary<string, string> Hashes(IReadOnlyList<DataRecipe> recipes)
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        IEnumerable<string?> named = recipes.SelectMany(
            recipe => (string?[])[recipe.Path, recipe.LeaveOut, recipe.Generated is { } name ? GeneratedDatasets.PathOf(name) : null]);
        foreach (string path in named.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (File.Exists(path))
            {
                hashes[path] = OfFile(path);
            }
            else if (Directory.Exists(path))
            {
                hashes[path] = OfFolder(path);
            }
        }

        return hashes;
    }

    private static string OfFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return stream.Length > MostHashed ? stream.Length.ToString(CultureInfo.InvariantCulture) : Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string OfFolder(string path)
    {
        var listing = new StringBuilder();
        foreach (FileInfo file in new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            bool isRecords = file.Extension is ".json" or ".jsonl" or ".csv";
            listing.Append(
                CultureInfo.InvariantCulture, $"{Path.GetRelativePath(path, file.FullName)} {file.Length} {(isRecords ? OfFile(file.FullName) : "")}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(listing.ToString())));
    }

    private static IDataset Open(DataRecipe recipe)
    {
        if (recipe.Generated is { } name)
        {
            return GeneratedDatasets.Open(GeneratedDatasets.Knows(name) ? name : GeneratedDatasets.Prefix + name);
        }

        string path = recipe.Path!;
        return recipe.Format switch
        {
            "nlvr" => new NlvrDataset(
                path, Split<NlvrSplit>(recipe), recipe.Copies ?? NlvrScene.Orders,
                new NlvrSampleOptions { BoxesApart = recipe.BoxesApart, Lists = recipe.Lists, Tables = recipe.Tables, Questions = recipe.Questions }),
            "mnist" => Classes(recipe, ClassQuestionOptions.Mnist),
            "fashion_mnist" => Classes(recipe, ClassQuestionOptions.FashionMnist),
            _ when recipe.Entry is { } entry => DatasetReader.OpenEntry(path, entry, Options(recipe)),
            _ => DatasetReader.Open(path, Options(recipe)),
        };
    }

    private static IDataset WithSettings(DataRecipe recipe, IDataset dataset) =>
        recipe is { Turns: "own", ByLetter: false } ? dataset : new SettingsDataset(dataset, recipe);

    private static ClassQuestionDataset Classes(DataRecipe recipe, ClassQuestionOptions options)
    {
        var idx = new DataReadOptions { Format = DataFormat.Idx };
        return new ClassQuestionDataset(DatasetReader.Open(recipe.Path!, idx), options with
        {
            Split = Split<SceneSplit>(recipe),
            Copies = recipe.Copies ?? 1,
            Side = recipe.Side,
            Grid = recipe.Grid,
            LeftOut = recipe.LeaveOut is { } others ? DatasetReader.Open(others, idx) : null,
            Seed = recipe.Seed,
        });
    }

    private static DataReadOptions Options(DataRecipe recipe) => new()
    {
        Format = recipe.Format switch
        {
            "records" => DataFormat.Records,
            "captions" => DataFormat.CaptionFolder,
            "classes" => DataFormat.ClassFolder,
            "idx" => DataFormat.Idx,
            _ => null,
        },
        MediaRoot = recipe.Images,
        AllowOutside = recipe.AllowOutside,
    };

    /// <summary>The part of a dataset that a recipe names.</summary>
    private static T Split<T>(DataRecipe recipe)
        where T : struct, Enum
    {
        string name = (recipe.Split ?? "train").Replace("_", string.Empty, StringComparison.Ordinal)
            .Replace("-", string.Empty, StringComparison.Ordinal);

        // Of pictures with classes no combinations are held out.
        T[] parts = [.. Enum.GetValues<T>().Where(part => (object)part is not SceneSplit.HeldOut)];
        return Enum.TryParse(name, ignoreCase: true, out T split) && parts.Contains(split)
            ? split
            : throw new InvalidDataException(
                $"The dataset '{recipe.Name}' has no part '{recipe.Split}'; there are {string.Join(", ", parts).ToLowerInvariant()}. Name one of them.");
    }
}
