namespace Percept.Data;

/// <summary>What is asked about generated scenes.</summary>
public enum SceneTask
{
    /// <summary>A caption, in one of four styles that the question names.</summary>
    Caption,

    /// <summary>How many things fit a description, 0 to 5.</summary>
    Count,

    /// <summary>The colour of a thing.</summary>
    Color,

    /// <summary>The shape of a thing.</summary>
    Shape,

    /// <summary>Whether a thing is small or large.</summary>
    Size,

    /// <summary>Where things lie to each other: beside, above, below, nearest, between, outermost.</summary>
    Relation,

    /// <summary>Whether there is a thing of a description.</summary>
    Existence,

    /// <summary>Whether a thing has an attribute.</summary>
    YesNo,

    /// <summary>Whether there are more, fewer or as many of one kind as of another.</summary>
    Comparison,

    /// <summary>The box of a named thing, and the thing in a box.</summary>
    Box,

    /// <summary>Which things, colours or shapes there are.</summary>
    Which,

    /// <summary>Two or three pictures compared.</summary>
    Pictures,

    /// <summary>Two to four questions on one thing, each referring to the one before.</summary>
    Dialogue,

    /// <summary>What lies in each of four by four fields, row by row: teaches a new model to see where things are.</summary>
    Map,

    /// <summary>What has each colour, and each shape, in tables: teaches a new model to find things by what they are.</summary>
    Index,
}
