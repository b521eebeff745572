namespace Percept.Data;

/// <summary>How generated pictures of words look, and what is asked about them.</summary>
public sealed record WordOptions
{
    /// <summary>Pixels of each side of a picture, 64 to 512.</summary>
    public int Side { get; init; } = 128;

    /// <summary>How many rows of texts a picture has, one below the other, 1 to 5.</summary>
    public int Lines { get; init; } = 1;

    /// <summary>How many texts stand beside each other in a line, 1 to 5; where it is more than 1, each is a single letter or digit.</summary>
    public int Columns { get; init; } = 1;

    /// <summary>How many texts of a hundred are two to eight letters in no order, 0 to 100: pairs of letters that no word of the part has are read too.</summary>
    public int Strings { get; init; }

    /// <summary>1: the text is read; 2: it is also spelled.</summary>
    public int Questions { get; init; } = 1;

    /// <summary>Which words are used, and which numbers.</summary>
    public SceneSplit Split { get; init; } = SceneSplit.Train;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal void Check()
    {
        SceneOptions.CheckSide(Side);
        ArgumentOutOfRangeException.ThrowIfLessThan(Lines, 1, nameof(Lines));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Lines, 5, nameof(Lines));
        ArgumentOutOfRangeException.ThrowIfLessThan(Columns, 1, nameof(Columns));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Columns, 5, nameof(Columns));
        ArgumentOutOfRangeException.ThrowIfLessThan(Strings, 0, nameof(Strings));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Strings, 100, nameof(Strings));
        if (Strings > 0 && Columns > 1)
        {
            throw new ArgumentOutOfRangeException(nameof(Strings), Strings, "must be 0 where texts stand in several columns: those are single letters");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Questions, 1, nameof(Questions));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Questions, 2, nameof(Questions));
    }
}
