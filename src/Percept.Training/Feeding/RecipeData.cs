using Percept.Data;

namespace Percept.Training;

/// <summary>Opens the datasets of a recipe.</summary>
internal static class RecipeData
{
    /// <summary>The sources of a mix.</summary>
    /// <exception cref="InvalidDataException">A dataset cannot be read, or two have one name.</exception>
    internal static IReadOnlyList<MixSource> Open(IReadOnlyList<DataRecipe> recipes) =>
    [
        .. recipes.Select(recipe => new MixSource(recipe.Name, Open(recipe), recipe.Weight ?? 1) { MaxSamples = recipe.MostSamples }),
    ];

    private static IDataset Open(DataRecipe recipe)
    {
        if (recipe.Generated is { } name)
        {
            return GeneratedDatasets.Open(name);
        }

        var options = new DataReadOptions
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
        return recipe.Entry is { } entry ? DatasetReader.OpenEntry(recipe.Path!, entry, options) : DatasetReader.Open(recipe.Path!, options);
    }
}
