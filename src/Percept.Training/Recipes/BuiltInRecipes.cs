namespace Percept.Training;

/// <summary>The recipes that come with Percept: files of the repository's <c>recipes</c> folder.</summary>
public static class BuiltInRecipes
{
    private const string Prefix = "recipes/";
    private const string Ending = ".yaml";

    /// <summary>Their names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(BuiltInRecipes).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Ending.Length]).Order(StringComparer.Ordinal),
    ];

    /// <summary>The text of a recipe.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="FileNotFoundException">There is none; the message lists those there are.</exception>
    public static string Text(string name)
    {
        using Stream? stream = typeof(BuiltInRecipes).Assembly.GetManifestResourceStream(Prefix + name + Ending);
        if (stream is null)
        {
            string near = Checkpoints.NearestName.Find(name, Names) is { } found ? $" Did you mean '{found}'?" : string.Empty;
            throw new FileNotFoundException($"There is no file and no recipe '{name}'.{near} There are {string.Join(", ", Names)}.", name);
        }

        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Reads a recipe: a file, or one of these by its name.</summary>
    /// <param name="nameOrPath">The name or the path.</param>
    /// <param name="changes">Values that hold instead.</param>
    /// <exception cref="FileNotFoundException">There is neither.</exception>
    /// <exception cref="InvalidDataException">It is no recipe.</exception>
    public static Recipe Read(string nameOrPath, IEnumerable<string>? changes = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrPath);
        return File.Exists(nameOrPath)
            ? Recipe.Read(nameOrPath, changes)
            : Recipe.Parse(Text(nameOrPath), nameOrPath + Ending, changes);
    }
}
