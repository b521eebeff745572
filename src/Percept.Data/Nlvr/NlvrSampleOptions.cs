namespace Percept.Data;

/// <summary>How pictures and statements of NLVR become samples.</summary>
public sealed record NlvrSampleOptions
{
    /// <summary>The usual form: one picture with one statement.</summary>
    public static NlvrSampleOptions Usual { get; } = new();

    /// <summary>Whether the three boxes are three pictures of 100×100, without what lies between them.</summary>
    public bool BoxesApart { get; init; }

    /// <summary>Whether and where it is asked what lies in each box, and where (<see cref="NlvrList"/>).</summary>
    public NlvrLists Lists { get; init; }

    /// <summary>How many short questions for the content follow, 0 to 12: how many, in which box, what touches a wall, what is on top.</summary>
    public int Questions { get; init; }

    /// <summary>How many tables follow, 0 to 6: how many items of each colour, shape, size, of both colour and shape, and at which walls, each box has.</summary>
    public int Tables { get; init; }

    /// <summary>
    /// Of generated scenes: how many statements, 1 to 16, are made about one. Scenes are made for the first four; those behind are drawn
    /// until one comes out as its coin says, so that some forms of them are true more often than others.
    /// </summary>
    public int Statements { get; init; } = 1;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Statements, 1, nameof(Statements));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Statements, 16, nameof(Statements));
        ArgumentOutOfRangeException.ThrowIfNegative(Tables, nameof(Tables));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Tables, 6, nameof(Tables));
        ArgumentOutOfRangeException.ThrowIfNegative(Questions, nameof(Questions));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Questions, 12, nameof(Questions));
    }
}
