using Percept.Data;

namespace Percept.Training;

/// <summary>A dataset whose conversations are learned as a recipe says: as independent questions or as conversations, by tokens or by letters.</summary>
/// <param name="inner">The dataset.</param>
/// <param name="recipe">What the recipe says of it.</param>
internal sealed class SettingsDataset(IDataset inner, DataRecipe recipe) : IDataset
{
    /// <summary>The dataset as it is read.</summary>
    internal IDataset Inner { get; } = inner;

    public int Count => Inner.Count;

    public DatasetSample this[int index] => Own(Inner[index]);

    /// <summary>A sample with the settings of this dataset.</summary>
    internal DatasetSample Own(DatasetSample sample) => sample with
    {
        TurnsApart = recipe.Turns == "own" ? sample.TurnsApart : recipe.Turns == "apart",
        AnswersByLetter = recipe.ByLetter,
    };
}
