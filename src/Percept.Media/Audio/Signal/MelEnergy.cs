namespace Percept.Media;

/// <summary>Asks for the energy of each frame: the sum of its squared samples.</summary>
/// <param name="values">Where the energies go, one a frame; empty for none.</param>
/// <param name="windowed">Whether it is taken behind pre-emphasis and window rather than before them.</param>
internal readonly ref struct MelEnergy(Span<float> values, bool windowed)
{
    internal Span<float> Values { get; } = values;

    internal bool Windowed { get; } = windowed;
}
