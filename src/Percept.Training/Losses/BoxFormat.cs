namespace Percept.Training;

/// <summary>What the four numbers of a box are.</summary>
public enum BoxFormat
{
    /// <summary><c>cxcywh</c>: centre, width and height.</summary>
    Centre,

    /// <summary><c>xyxy</c>: left, top, right, bottom.</summary>
    Corners,
}
