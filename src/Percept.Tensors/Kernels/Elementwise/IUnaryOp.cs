namespace Percept.Tensors.Kernels;

/// <summary>A function of one number and its gradient, over vectors of any width, with a scalar twin in double.</summary>
internal interface IUnaryOp
{
    /// <summary>f(x).</summary>
    V Forward<S, V>(V x)
        where S : ISimd<V>
        where V : struct;

    /// <summary>dy·f′(x).</summary>
    V Gradient<S, V>(V x, V dy)
        where S : ISimd<V>
        where V : struct;

    /// <summary>f(x) in double, written plainly.</summary>
    double ForwardScalar(double x);

    /// <summary>f′(x) in double, written plainly.</summary>
    double SlopeScalar(double x);
}
