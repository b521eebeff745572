using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Percept.Bench.Harness;
using Percept.Tensors.Kernels;

namespace Percept.Bench.Kernels;

/// <summary>Fused elementwise kernels in cache against the shortest composition of <see cref="TensorPrimitives"/> calls.</summary>
/// <remarks>Three rows of 4096 floats exceed a first-level cache of 32 KB; the bar of the norm is set where they fit.</remarks>
internal sealed unsafe class ElementwiseBench(string name, int length, double factor) : IKernelBench
{
    private const int Repeats = 16;
    private float* _x;
    private float* _y;
    private float* _w;

    public string Family => "elementwise";

    public string Shape => $"{name} {length}";

    public Bar Bar => Bar.Faster(factor);

    public double Work => 0;

    private Span<float> X => new(_x, length);

    private Span<float> Y => new(_y, length);

    private Span<float> W => new(_w, length);

    internal static IKernelBench[] All() =>
    [
        new ElementwiseBench("exp", 4096, 2.5), new ElementwiseBench("silu", 4096, 2.5),
        new ElementwiseBench("gelu", 4096, 2.5), new ElementwiseBench("gelu_tanh", 4096, 2.5),
        new ElementwiseBench("softmax", 4096, 2.5), new ElementwiseBench("rms_norm", 2048, 1.8),
        new ElementwiseBench("tanh", 4096, 0), new ElementwiseBench("sigmoid", 4096, 0),
        new ElementwiseBench("exp", 1024, 0), new ElementwiseBench("softmax", 1024, 0), new ElementwiseBench("rms_norm", 1024, 0),
        new ElementwiseBench("rms_norm", 4096, 0),
    ];

    public void Prepare()
    {
        nuint bytes = (nuint)length * sizeof(float);
        _x = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        _y = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        _w = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        for (int i = 0; i < length; i++)
        {
            _x[i] = (i * 37 % 1000 * 0.01f) - 5f;
            _w[i] = 0.5f + (i % 64 * 0.015f);
        }
    }

    public void Run()
    {
        for (int i = 0; i < Repeats; i++)
        {
            switch (name)
            {
                case "exp": UnaryKernels.Map(default(ExpOp), _x, _y, length); break;
                case "silu": UnaryKernels.Map(default(SiluOp), _x, _y, length); break;
                case "gelu": UnaryKernels.Map(default(GeluOp), _x, _y, length); break;
                case "gelu_tanh": UnaryKernels.Map(default(GeluTanhOp), _x, _y, length); break;
                case "tanh": UnaryKernels.Map(default(TanhOp), _x, _y, length); break;
                case "sigmoid": UnaryKernels.Map(default(SigmoidOp), _x, _y, length); break;
                case "softmax": SoftmaxKernels.Forward(_x, null, 1, 1f, false, _y, 1, length); break;
                default: NormKernels.Forward(_x, _w, null, new NormSpec(false, 1e-6f, 0f), _y, 1, length); break;
            }
        }
    }

    public void Baseline()
    {
        for (int i = 0; i < Repeats; i++)
        {
            switch (name)
            {
                case "exp": TensorPrimitives.Exp(X, Y); break;
                case "silu": Silu(); break;
                case "gelu" or "gelu_tanh": Gelu(); break;
                case "tanh": TensorPrimitives.Tanh(X, Y); break;
                case "sigmoid": TensorPrimitives.Sigmoid(X, Y); break;
                case "softmax": TensorPrimitives.SoftMax(X, Y); break;
                default: RmsNorm(); break;
            }
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_x);
        NativeMemory.AlignedFree(_y);
        NativeMemory.AlignedFree(_w);
    }

    private void Silu()
    {
        TensorPrimitives.Sigmoid(X, Y);
        TensorPrimitives.Multiply(Y, X, Y);
    }

    /// <summary>x·σ(2u), the shortest way to the tanh form (there is no erf).</summary>
    private void Gelu()
    {
        const float Rate = 2f * 0.797884561f;
        TensorPrimitives.Multiply(X, X, Y);
        TensorPrimitives.Multiply(Y, Rate * 0.044715f, Y);
        TensorPrimitives.Add(Y, Rate, Y);
        TensorPrimitives.Multiply(Y, X, Y);
        TensorPrimitives.Sigmoid(Y, Y);
        TensorPrimitives.Multiply(Y, X, Y);
    }

    private void RmsNorm()
    {
        float scale = 1f / MathF.Sqrt((TensorPrimitives.SumOfSquares<float>(X) / length) + 1e-6f);
        TensorPrimitives.Multiply(X, scale, Y);
        TensorPrimitives.Multiply(Y, W, Y);
    }
}
