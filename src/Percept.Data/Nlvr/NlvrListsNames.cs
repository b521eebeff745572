namespace Percept.Data;

/// <summary>What settings call <see cref="NlvrLists"/>.</summary>
public static class NlvrListsNames
{
    private static readonly (string Name, NlvrLists Lists)[] s_names =
    [
        ("none", NlvrLists.None), ("behind", NlvrLists.Behind), ("before", NlvrLists.Before), ("instead", NlvrLists.Instead),
    ];

    /// <summary>All names.</summary>
    public static string All => string.Join(", ", s_names.Select(known => known.Name));

    /// <summary>The place of a name; null where there is none of it.</summary>
    /// <param name="name">The name.</param>
    public static NlvrLists? Find(string name) => Array.FindIndex(s_names, known => known.Name == name) is >= 0 and var at ? s_names[at].Lists : null;
}
