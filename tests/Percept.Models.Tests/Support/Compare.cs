using Percept.Tensors;
using Xunit;

namespace Percept.Models.Tests.Support;

/// <summary>Compares tensors.</summary>
internal static class Compare
{
    internal static void Same(Tensor want, Tensor got)
    {
        Assert.Equal(want.Shape.ToString(), got.Shape.ToString());
        Assert.True(want.Span<float>().SequenceEqual(got.Span<float>()));
    }

    internal static void Close(Tensor want, Tensor got, double tolerance = 1e-5)
    {
        Assert.Equal(want.Shape.ToString(), got.Shape.ToString());
        ReadOnlySpan<float> a = want.Span<float>(), b = got.Span<float>();
        for (int i = 0; i < a.Length; i++)
        {
            Assert.True(Math.Abs(a[i] - b[i]) <= tolerance * (1 + Math.Abs(a[i])), $"element {i}: {b[i]}, expected {a[i]}");
        }
    }
}
