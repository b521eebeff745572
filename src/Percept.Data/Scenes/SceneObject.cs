using Percept.Media;

namespace Percept.Data;

/// <summary>A thing in a generated scene.</summary>
public sealed record SceneObject
{
    /// <summary>What it looks like.</summary>
    public required SceneShape Shape { get; init; }

    /// <summary>The name of its colour.</summary>
    public required SceneColor Color { get; init; }

    /// <summary>Its size class.</summary>
    public required SceneSize Size { get; init; }

    /// <summary>The colour that it is painted with.</summary>
    public required ImageColor Paint { get; init; }

    /// <summary>The column of its middle, in pixels.</summary>
    public required double X { get; init; }

    /// <summary>The row of its middle, in pixels.</summary>
    public required double Y { get; init; }

    /// <summary>Half of its greatest width or height before it is turned, in pixels.</summary>
    public required double Radius { get; init; }

    /// <summary>How far it is turned clockwise, in radians.</summary>
    public double Turn { get; init; }

    /// <summary>The box around what is painted, in pixels.</summary>
    public ImageBox Box => SceneOutlines.Box(this);

    /// <summary>The description by size, colour and shape.</summary>
    public SceneFilter Filter => new(Color, Shape, Size);

    /// <summary>Colour and shape: <c>red circle</c>.</summary>
    public override string ToString() => SceneVocabulary.Name(new SceneFilter(Color, Shape), 1);
}
