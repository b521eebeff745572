using System.Numerics;
using System.Runtime.InteropServices;

namespace Percept.Media;

/// <summary>Turns left/side, side/right and mid/side pairs into left and right, in place.</summary>
internal static class FlacStereo
{
    internal static void Restore(int assignment, Span<int> first, Span<int> second)
    {
        second = second[..first.Length];
        Span<Vector<int>> a = MemoryMarshal.Cast<int, Vector<int>>(first);
        Span<Vector<int>> b = MemoryMarshal.Cast<int, Vector<int>>(second);
        int wide = a.Length * Vector<int>.Count;
        switch (assignment)
        {
            case FlacFrameHeader.LeftSide:
                for (int i = 0; i < a.Length; i++)
                {
                    b[i] = a[i] - b[i];
                }

                for (int i = wide; i < first.Length; i++)
                {
                    second[i] = first[i] - second[i];
                }

                break;
            case FlacFrameHeader.SideRight:
                for (int i = 0; i < a.Length; i++)
                {
                    a[i] += b[i];
                }

                for (int i = wide; i < first.Length; i++)
                {
                    first[i] += second[i];
                }

                break;
            default:
                for (int i = 0; i < a.Length; i++)
                {
                    Vector<int> sum = (a[i] << 1) | (b[i] & Vector<int>.One);
                    Vector<int> side = b[i];
                    a[i] = (sum + side) >> 1;
                    b[i] = (sum - side) >> 1;
                }

                for (int i = wide; i < first.Length; i++)
                {
                    int sum = (first[i] << 1) | (second[i] & 1);
                    int side = second[i];
                    first[i] = (sum + side) >> 1;
                    second[i] = (sum - side) >> 1;
                }

                break;
        }
    }

    /// <summary>The same for channels of 32 bits, whose difference has 33.</summary>
    internal static void RestoreWide(int assignment, Span<int> first, Span<int> second, ReadOnlySpan<long> side)
    {
        for (int i = 0; i < side.Length; i++)
        {
            switch (assignment)
            {
                case FlacFrameHeader.LeftSide:
                    second[i] = (int)(first[i] - side[i]);
                    break;
                case FlacFrameHeader.SideRight:
                    first[i] = (int)(second[i] + side[i]);
                    break;
                default:
                    long sum = ((long)first[i] << 1) | (side[i] & 1);
                    first[i] = (int)((sum + side[i]) >> 1);
                    second[i] = (int)((sum - side[i]) >> 1);
                    break;
            }
        }
    }
}
