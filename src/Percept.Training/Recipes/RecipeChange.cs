using System.Globalization;

namespace Percept.Training;

/// <summary>Changes a value of a recipe: <c>key.key=value</c>, where a number counts the items of a list.</summary>
internal static class RecipeChange
{
    /// <summary>Applies a change.</summary>
    /// <exception cref="InvalidDataException">It is no change, or its place is not there.</exception>
    internal static void Apply(RecipeNode root, string change)
    {
        int equals = change.IndexOf('=');
        if (equals < 1)
        {
            throw new InvalidDataException($"'{change}' is no change of a recipe, expected key=value, such as batch.samples=4.");
        }

        string[] words = change[..equals].Split('.');
        RecipeNode value = RecipeYaml.ParseValue(change[(equals + 1)..]);
        RecipeNode at = root;
        for (int i = 0; i < words.Length; i++)
        {
            bool last = i == words.Length - 1;
            if (at.Items is { } items)
            {
                if (!int.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index > items.Count)
                {
                    throw new InvalidDataException(
                        $"'{change}': '{string.Join('.', words[..i])}' is a list of {items.Count}, so '{words[i]}' must be a number " +
                        $"from 0 to {items.Count}.");
                }

                RecipeNode next = last ? value : index < items.Count ? items[index] : Beginning(words[i + 1]);
                at.SetItem(index, next);
                at = next;
            }
            else if (at.Pairs is not null)
            {
                RecipeNode next = last ? value
                    : at.Find(words[i]) is { Text: null } there ? there
                    : Beginning(words[i + 1]);
                at.Set(words[i], next);
                at = next;
            }
        }
    }

    private static RecipeNode Beginning(string next) =>
        next.All(char.IsAsciiDigit) ? RecipeNode.List() : RecipeNode.Mapping();
}
