namespace Percept.Data;

/// <summary>The colour of an item of NLVR.</summary>
public enum NlvrColor
{
    /// <summary>Black.</summary>
    Black,

    /// <summary>Yellow, <c>#ffff00</c>.</summary>
    Yellow,

    /// <summary>Blue, <c>#0099ff</c>.</summary>
    Blue,
}
