namespace Percept.Data;

/// <summary>The shape of an item of NLVR.</summary>
public enum NlvrShape
{
    /// <summary>A square.</summary>
    Square,

    /// <summary>A circle.</summary>
    Circle,

    /// <summary>A triangle with its tip up.</summary>
    Triangle,
}
