namespace Percept.Media;

/// <summary>How many samples of the colour differences an encoder keeps.</summary>
public enum JpegSubsampling
{
    /// <summary>One for two columns and two rows (4:2:0).</summary>
    Quarter,

    /// <summary>One for two columns (4:2:2).</summary>
    Half,

    /// <summary>All (4:4:4).</summary>
    Full,
}
