namespace Percept.Cli;

/// <summary>How pictures are shown on a terminal.</summary>
internal enum PictureStyle
{
    /// <summary>Not at all: their files are named.</summary>
    None,

    /// <summary>As coloured half blocks.</summary>
    Blocks,

    /// <summary>As Sixel.</summary>
    Sixel,
}
