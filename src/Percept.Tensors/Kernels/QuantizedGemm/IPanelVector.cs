namespace Percept.Tensors.Kernels;

/// <summary>Integer sums of a few columns side by side, for the panel kernels without emitted code.</summary>
/// <typeparam name="T">The implementing type.</typeparam>
internal unsafe interface IPanelVector<T>
    where T : struct, IPanelVector<T>
{
    /// <summary>How many columns a value covers.</summary>
    static abstract int Columns { get; }

    /// <summary>Every column the same.</summary>
    static abstract T Splat(int value);

    /// <summary>Adds the products of four quants of each column with the same four activations.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="panel">Four unsigned quants a column.</param>
    /// <param name="activations">Four signed activations.</param>
    /// <param name="wide">Whether quants may exceed 127.</param>
    static abstract T Dot(T sums, byte* panel, int activations, bool wide);

    /// <summary>destination += sums · (scales · factor).</summary>
    static abstract void AddScaled(float* destination, T sums, float* scales, float factor);
}
