namespace Percept.Tensors.Kernels.Spatial;

/// <summary>
/// The elements of a picture or volume that one point of a sampling grid reads, with their weights and the weights' slopes.
/// </summary>
/// <remarks>
/// 1 tap (nearest), 4 (bilinear), 8 (the same in a volume) or 16 (bicubic). A tap outside has place −1. Slopes are those along
/// the grid's own coordinates, so they hold the picture's size and the padding's sign. Points that are no number or too far
/// out to count read the place that clipping gives, or nothing with zeros outside.
/// </remarks>
internal readonly unsafe struct GridTaps
{
    /// <summary>The most taps of a point, and the distance of the slopes along one coordinate from those along the next.</summary>
    internal const int Most = 16;

    private const int MostOfAxis = 4;

    private readonly GridSampleOptions _options;
    private readonly int _axes;
    private readonly int _depth;
    private readonly int _height;
    private readonly int _width;

    internal GridTaps(in GridSizes sizes)
    {
        _options = sizes.Options;
        _axes = sizes.Axes;
        _depth = sizes.Depth;
        _height = sizes.Height;
        _width = sizes.Width;
    }

    /// <summary>Taps of one point.</summary>
    internal int Count => _axes == 3 ? TapsOfAxis * TapsOfAxis * TapsOfAxis : TapsOfAxis * TapsOfAxis;

    private int TapsOfAxis => _options.Mode switch { GridSampleMode.Nearest => 1, GridSampleMode.Bilinear => 2, _ => MostOfAxis };

    /// <summary>Finds the taps of a point.</summary>
    /// <param name="point">The grid's coordinates, −1 to 1 over the picture: along the width, the height and, in a volume, the depth.</param>
    /// <param name="places">[Count], index in the plane or volume, or −1.</param>
    /// <param name="weights">[Count].</param>
    /// <param name="slopes">[coordinates, <see cref="Most"/>], or null.</param>
    internal void Find(float* point, int* places, float* weights, float* slopes)
    {
        int taps = TapsOfAxis, deep = _axes == 3 ? taps : 1;
        int* px = stackalloc int[3 * MostOfAxis];
        int* py = px + MostOfAxis, pz = py + MostOfAxis;
        float* w = stackalloc float[6 * MostOfAxis];
        float* wx = w, sx = wx + MostOfAxis, wy = sx + MostOfAxis, sy = wy + MostOfAxis, wz = sy + MostOfAxis, sz = wz + MostOfAxis;
        Axis(point[0], _width, px, wx, sx);
        Axis(point[1], _height, py, wy, sy);
        (*pz, *wz, *sz) = (0, 1, 0);
        if (_axes == 3)
        {
            Axis(point[2], _depth, pz, wz, sz);
        }

        for (int k = 0, at = 0; k < deep; k++)
        {
            for (int i = 0; i < taps; i++)
            {
                for (int j = 0; j < taps; j++, at++)
                {
                    places[at] = px[j] < 0 || py[i] < 0 || pz[k] < 0 ? -1 : (((pz[k] * _height) + py[i]) * _width) + px[j];
                    weights[at] = wz[k] * wy[i] * wx[j];
                    if (slopes is not null)
                    {
                        slopes[at] = wz[k] * wy[i] * sx[j];
                        slopes[at + Most] = wz[k] * sy[i] * wx[j];
                        slopes[at + (2 * Most)] = sz[k] * wy[i] * wx[j];
                    }
                }
            }
        }
    }

    /// <summary>Taps of one axis: indices (−1 outside), weights and slopes.</summary>
    private void Axis(float coordinate, int size, int* places, float* weights, float* slopes)
    {
        bool align = _options.AlignCorners;
        float slope = align ? (size - 1) / 2f : size / 2f;
        float at = align ? (coordinate + 1) / 2 * (size - 1) : (((coordinate + 1) * size) - 1) / 2;
        if (_options.Mode != GridSampleMode.Bicubic)
        {
            at = Inside(at, size, ref slope);
        }

        // Far points: the taps' indices must stay in the range of an int.
        at = float.IsNaN(at) ? -16 : Math.Clamp(at, -(float)(1 << 24), 1 << 24);
        if (_options.Mode == GridSampleMode.Nearest)
        {
            int nearest = (int)MathF.Round(at, MidpointRounding.ToEven);
            places[0] = (uint)nearest < (uint)size ? nearest : -1;
            weights[0] = 1;
            slopes[0] = 0;
            return;
        }

        int floor = (int)MathF.Floor(at);
        float t = at - floor;
        if (_options.Mode == GridSampleMode.Bilinear)
        {
            places[0] = (uint)floor < (uint)size ? floor : -1;
            places[1] = (uint)(floor + 1) < (uint)size ? floor + 1 : -1;
            weights[0] = 1 - t;
            weights[1] = t;
            slopes[0] = -slope;
            slopes[1] = slope;
            return;
        }

        for (int i = 0; i < 4; i++)
        {
            float ignored = 1;
            float place = Inside(floor - 1 + i, size, ref ignored);
            places[i] = place >= 0 && place < size ? (int)place : -1;
            weights[i] = (float)ResampleTable.Cubic(t + 1 - i, -0.75);
            slopes[i] = slope * CubicSlope(t + 1 - i);
        }
    }

    /// <summary>
    /// Brings a place into the picture as the padding says; the slope gets the sign, or 0 where it stops.
    /// </summary>
    private float Inside(float at, int size, ref float slope)
    {
        if (_options.Padding == GridPadding.Zeros)
        {
            return at;
        }

        if (_options.Padding == GridPadding.Reflection)
        {
            at = _options.AlignCorners
                ? Mirror(at, 0, size - 1, ref slope)
                : Mirror(at, -0.5f, size - 0.5f, ref slope);
        }

        // NaN compares false and lands on 0.
        if (!(at > 0))
        {
            slope = 0;
            return 0;
        }

        if (at >= size - 1)
        {
            slope = 0;
            return size - 1;
        }

        return at;
    }

    private static float Mirror(float at, float low, float high, ref float slope)
    {
        float span = high - low;
        if (span <= 0)
        {
            slope = 0;
            return 0;
        }

        at -= low;
        if (at < 0)
        {
            slope = -slope;
            at = -at;
        }

        float rest = at % span;
        if (float.IsFinite(at) && ((long)MathF.Floor(at / span) & 1) != 0)
        {
            slope = -slope;
            return span - rest + low;
        }

        return rest + low;
    }

    private static float CubicSlope(float x)
    {
        const float A = -0.75f;
        float sign = x < 0 ? -1 : 1;
        x = Math.Abs(x);
        return x <= 1 ? sign * ((3 * (A + 2) * x) - (2 * (A + 3))) * x
            : x < 2 ? sign * A * ((((3 * x) - 10) * x) + 8)
            : 0;
    }
}
