namespace Percept.Data;

/// <summary>How pictures and statements of NLVR become samples.</summary>
public sealed record NlvrSampleOptions
{
    /// <summary>The usual form: one picture with one statement.</summary>
    public static NlvrSampleOptions Usual { get; } = new();

    /// <summary>Whether the three boxes are three pictures of 100×100, without what lies between them.</summary>
    public bool BoxesApart { get; init; }

    /// <summary>Whether another question follows: what lies in each box, and where (<see cref="NlvrList"/>).</summary>
    public bool Lists { get; init; }

    /// <summary>Of generated scenes: how many statements, 1 to 4, are made about one, each asked behind the other.</summary>
    public int Statements { get; init; } = 1;
}
