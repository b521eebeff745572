namespace Percept.Tensors.Kernels.Convolution;

/// <summary>
/// The sizes of a convolution over three axes; those over fewer have size 1 in front. A transposed convolution is
/// described by the convolution whose input gradient it is.
/// </summary>
/// <remarks>
/// Input [Batch, Groups·InChannels, InD, InH, InW], weight [Groups·OutChannels, InChannels, KD, KH, KW], output
/// [Batch, Groups·OutChannels, OutD, OutH, OutW]. Output (z, y, x) meets input (z·SD − PD + kd·DD, …) for kernel
/// element (kd, …); what lies outside the input counts as 0, so only the padding in front is said, which may be
/// negative.
/// </remarks>
internal record struct ConvGeometry
{
    internal int Batch;
    internal int Groups;

    /// <summary>Input channels of one group.</summary>
    internal int InChannels;

    /// <summary>Output channels of one group.</summary>
    internal int OutChannels;
    internal int InD;
    internal int InH;
    internal int InW;
    internal int OutD;
    internal int OutH;
    internal int OutW;
    internal int KD;
    internal int KH;
    internal int KW;
    internal int SD;
    internal int SH;
    internal int SW;
    internal int PD;
    internal int PH;
    internal int PW;
    internal int DD;
    internal int DH;
    internal int DW;

    /// <summary>Input elements of one channel.</summary>
    internal readonly long InPlane => (long)InD * InH * InW;

    /// <summary>Output elements of one channel.</summary>
    internal readonly long OutPlane => (long)OutD * OutH * OutW;

    /// <summary>Kernel elements of one channel.</summary>
    internal readonly int Taps => checked(KD * KH * KW);

    /// <summary>Products summed up for one output element.</summary>
    internal readonly int Depth => checked(InChannels * Taps);

    /// <summary>Rows of the kernel over all channels: each has <see cref="KW"/> elements.</summary>
    internal readonly int KernelRows => InChannels * KD * KH;

    /// <summary>Whether the window moves by single steps on all axes.</summary>
    internal readonly bool UnitStride => SD == 1 && SH == 1 && SW == 1;

    /// <summary>Whether no input element meets two windows.</summary>
    internal readonly bool Disjoint =>
        ((KD - 1) * DD) < SD && ((KH - 1) * DH) < SH && ((KW - 1) * DW) < SW;

    /// <summary>
    /// Whether the direct kernel serves: one input channel meets few output channels, and steps are so small that it
    /// wastes little between them.
    /// </summary>
    internal readonly bool Depthwise => InChannels == 1 && OutChannels <= 2 && SW <= 4;

    /// <summary>
    /// The same convolution with axes joined where the kernel is 1×1×1 and moves by single steps without padding: then
    /// space is one long row.
    /// </summary>
    internal readonly ConvGeometry Simplified()
    {
        ConvGeometry g = this;
        if (g.Taps == 1 && g.UnitStride && g.PD == 0 && g.PH == 0 && g.PW == 0
            && g.InD == g.OutD && g.InH == g.OutH && g.InW == g.OutW && g.InPlane <= int.MaxValue)
        {
            g.InW = g.OutW = (int)g.InPlane;
            g.InD = g.InH = g.OutD = g.OutH = 1;
        }

        return g;
    }

    /// <summary>
    /// For single steps: the convolution that computes the input's gradient from the output's, with the kernel turned
    /// round and its channels exchanged.
    /// </summary>
    internal readonly ConvGeometry Turned() => this with
    {
        InChannels = OutChannels,
        OutChannels = InChannels,
        InD = OutD,
        InH = OutH,
        InW = OutW,
        OutD = InD,
        OutH = InH,
        OutW = InW,
        PD = (DD * (KD - 1)) - PD,
        PH = (DH * (KH - 1)) - PH,
        PW = (DW * (KW - 1)) - PW,
    };
}
