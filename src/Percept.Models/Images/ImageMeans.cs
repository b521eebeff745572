namespace Percept.Models;

/// <summary>The averages and deviations of colour channels that families normalise with.</summary>
internal static class ImageMeans
{
    internal static double[] Clip { get; } = [0.48145466, 0.4578275, 0.40821073];

    internal static double[] ClipDeviation { get; } = [0.26862954, 0.26130258, 0.27577711];

    internal static double[] ImageNet { get; } = [0.485, 0.456, 0.406];

    internal static double[] ImageNetDeviation { get; } = [0.229, 0.224, 0.225];

    internal static double[] Half { get; } = [0.5, 0.5, 0.5];

    internal static double[] Zero { get; } = [0.0, 0.0, 0.0];

    internal static double[] One { get; } = [1.0, 1.0, 1.0];
}
