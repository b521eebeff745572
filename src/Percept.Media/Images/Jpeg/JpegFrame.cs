namespace Percept.Media;

/// <summary>How the samples of a JPEG file become pixels.</summary>
internal enum JpegColor
{
    /// <summary>One component.</summary>
    Gray,

    /// <summary>Luma and two colour differences.</summary>
    YCbCr,

    /// <summary>Red, green, blue as they are.</summary>
    Rgb,

    /// <summary>Four inks, stored inverted.</summary>
    Cmyk,

    /// <summary>Luma and colour differences of three inks, and black; stored inverted.</summary>
    Ycck,
}

/// <summary>How a component is brought to the picture's full size.</summary>
internal enum JpegUpsampling
{
    /// <summary>It has the full size.</summary>
    None,

    /// <summary>Triangle filter over two columns.</summary>
    Triangle2X1,

    /// <summary>Triangle filter over two rows.</summary>
    Triangle1X2,

    /// <summary>Triangle filter over two columns and two rows.</summary>
    Triangle2X2,

    /// <summary>Every sample is repeated.</summary>
    Repeat,
}

/// <summary>A component of a frame.</summary>
internal sealed class JpegComponent
{
    /// <summary>The number that scans name it by.</summary>
    internal required int Id { get; init; }

    /// <summary>Its position in the frame.</summary>
    internal required int Index { get; init; }

    /// <summary>Horizontal sampling factor, 1 to 4.</summary>
    internal required int H { get; init; }

    /// <summary>Vertical sampling factor, 1 to 4.</summary>
    internal required int V { get; init; }

    /// <summary>The number of its quantisation table.</summary>
    internal required int QuantIndex { get; init; }

    /// <summary>Samples a row that belong to the picture.</summary>
    internal int Width { get; set; }

    /// <summary>Rows that belong to the picture.</summary>
    internal int Height { get; set; }

    /// <summary>Blocks a row that hold samples of the picture: the width of a scan of this component alone.</summary>
    internal int BlocksWide { get; set; }

    /// <summary>Rows of blocks that hold samples of the picture.</summary>
    internal int BlocksHigh { get; set; }

    /// <summary>Blocks a row in whole MCUs.</summary>
    internal int PaddedBlocksWide { get; set; }

    /// <summary>Rows of blocks in whole MCUs.</summary>
    internal int PaddedBlocksHigh { get; set; }

    /// <summary>How many columns of the picture a sample stands for.</summary>
    internal int ExpandX { get; set; }

    /// <summary>How many rows of the picture a sample stands for.</summary>
    internal int ExpandY { get; set; }

    /// <summary>How it is brought to full size.</summary>
    internal JpegUpsampling Upsampling { get; set; }

    /// <summary>
    /// The quantisation table in memory order, taken at the first scan that has the component; null before.
    /// </summary>
    internal short[]? Quant { get; set; }
}

/// <summary>What SOF says, and what follows from it.</summary>
internal sealed class JpegFrame
{
    private const int BlockSide = 8;

    internal required bool Progressive { get; init; }

    /// <summary>Whether scans are arithmetic coded; Huffman coded otherwise.</summary>
    internal required bool Arithmetic { get; init; }

    internal required int Width { get; init; }

    internal required int Height { get; init; }

    internal required JpegComponent[] Components { get; init; }

    /// <summary>The greatest horizontal sampling factor.</summary>
    internal int MaxH { get; private set; }

    /// <summary>The greatest vertical sampling factor.</summary>
    internal int MaxV { get; private set; }

    /// <summary>MCUs a row of an interleaved scan.</summary>
    internal int McusWide { get; private set; }

    /// <summary>Rows of MCUs of an interleaved scan.</summary>
    internal int McusHigh { get; private set; }

    /// <summary>Rows of the picture in a row of MCUs.</summary>
    internal int McuRows => MaxV * BlockSide;

    /// <summary>Computes what follows from the sampling factors.</summary>
    /// <exception cref="NotSupportedException">A component's size is no whole part of the picture's.</exception>
    internal void Complete()
    {
        MaxH = Components.Max(component => component.H);
        MaxV = Components.Max(component => component.V);
        McusWide = RoundUp(Width, MaxH * BlockSide);
        McusHigh = RoundUp(Height, MaxV * BlockSide);
        foreach (JpegComponent component in Components)
        {
            if (MaxH % component.H != 0 || MaxV % component.V != 0)
            {
                throw new NotSupportedException(
                    $"A component of the JPEG file has the sampling factors {component.H}×{component.V}, another one " +
                    $"up to {MaxH}×{MaxV}; only whole ratios are decoded.");
            }

            component.ExpandX = MaxH / component.H;
            component.ExpandY = MaxV / component.V;
            component.Width = RoundUp(Width, component.ExpandX);
            component.Height = RoundUp(Height, component.ExpandY);
            component.BlocksWide = RoundUp(component.Width, BlockSide);
            component.BlocksHigh = RoundUp(component.Height, BlockSide);
            component.PaddedBlocksWide = McusWide * component.H;
            component.PaddedBlocksHigh = McusHigh * component.V;
            component.Upsampling = (component.ExpandX, component.ExpandY) switch
            {
                (1, 1) => JpegUpsampling.None,
                (2, 1) when component.Width > 2 => JpegUpsampling.Triangle2X1,
                (2, 2) when component.Width > 2 => JpegUpsampling.Triangle2X2,
                (1, 2) => JpegUpsampling.Triangle1X2,
                _ => JpegUpsampling.Repeat,
            };
        }
    }

    private static int RoundUp(int value, int step) => (value + step - 1) / step;
}

/// <summary>A component of a scan with its tables.</summary>
internal sealed record JpegScanComponent(JpegComponent Component, int DcIndex, int AcIndex);

/// <summary>What SOS says.</summary>
/// <param name="Components">The components in the order of an MCU.</param>
/// <param name="First">The first coefficient, in zigzag order.</param>
/// <param name="Last">The last coefficient.</param>
/// <param name="High">The bit that was known before; 0 in a first pass.</param>
/// <param name="Low">The lowest bit that is given.</param>
internal sealed record JpegScan(JpegScanComponent[] Components, int First, int Last, int High, int Low);
