namespace Percept.Media;

/// <summary>A component of the scan and what was learnt about it.</summary>
internal sealed class JpegArithmeticPart(JpegScanComponent part, byte[] dc, byte[] ac)
{
    /// <summary>The component.</summary>
    internal JpegComponent Component { get; } = part.Component;

    /// <summary>The number of its DC table.</summary>
    internal int DcIndex { get; } = part.DcIndex;

    /// <summary>The number of its AC table.</summary>
    internal int AcIndex { get; } = part.AcIndex;

    /// <summary>The probabilities of DC; components that name the same table share them.</summary>
    internal byte[] Dc { get; } = dc;

    /// <summary>The probabilities of AC; components that name the same table share them.</summary>
    internal byte[] Ac { get; } = ac;

    /// <summary>The last DC coefficient.</summary>
    internal int Predictor { get; set; }

    /// <summary>Where the questions of the next difference lie.</summary>
    internal int Condition { get; set; }

    /// <summary>Forgets all, as restart markers ask for.</summary>
    internal void Reset()
    {
        Dc.AsSpan().Clear();
        Ac.AsSpan().Clear();
        Predictor = 0;
        Condition = 0;
    }
}
