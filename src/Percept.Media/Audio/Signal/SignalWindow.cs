namespace Percept.Media;

/// <summary>Makes analysis windows.</summary>
public static class SignalWindow
{
    /// <summary>Makes a window, as <c>torch.hann_window</c> and its kin and numpy's functions do.</summary>
    /// <param name="function">The shape.</param>
    /// <param name="length">The number of points.</param>
    /// <param name="periodic">
    /// Whether the window is one period (the point behind the last would be equal to the first) rather than symmetric.
    /// </param>
    /// <returns>The points [length].</returns>
    public static double[] Create(WindowFunction function, int length, bool periodic = true) =>
        function == WindowFunction.Blackman
            ? Blackman(length, periodic, 0.42)
            : Create(length, periodic, Shape(function));

    /// <summary>Makes a Blackman window of any coefficient: a − 0.5 cos + (0.5 − a) cos of the double angle.</summary>
    /// <param name="length">The number of points.</param>
    /// <param name="periodic">See <see cref="Create(WindowFunction, int, bool)"/>.</param>
    /// <param name="coefficient">The coefficient a; 0.42 is the usual one.</param>
    public static double[] Blackman(int length, bool periodic, double coefficient) => Create(
        length, periodic, x => coefficient - (0.5 * Math.Cos(2 * Math.PI * x)) + ((0.5 - coefficient) * Math.Cos(4 * Math.PI * x)));

    private static Func<double, double> Shape(WindowFunction function) => function switch
    {
        WindowFunction.Rectangular => static _ => 1,
        WindowFunction.Hann => Hann,
        WindowFunction.Hamming => static x => 0.54 - (0.46 * Math.Cos(2 * Math.PI * x)),
        WindowFunction.Bartlett => static x => 1 - Math.Abs((2 * x) - 1),
        WindowFunction.Povey => static x => Math.Pow(Hann(x), 0.85),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "There is no such window."),
    };

    private static double Hann(double x) => 0.5 - (0.5 * Math.Cos(2 * Math.PI * x));

    private static double[] Create(int length, bool periodic, Func<double, double> shape)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == 1)
        {
            return [1];
        }

        double period = periodic ? length : length - 1;
        var window = new double[length];
        for (int i = 0; i < window.Length; i++)
        {
            window[i] = shape(i / period);
        }

        return window;
    }
}
