using System.Reflection;
using Percept.Tensors.Autograd;
using Xunit;

namespace Percept.Tensors.Tests.Core;

/// <summary>Errors of wrong use name the argument, the axis, what was expected and what was found.</summary>
public sealed class MisuseTests : IDisposable
{
    public void Dispose() => Gradients.Discard();

    [Fact]
    public void AShapeThatDiffersInOneAxisNamesIt()
    {
        ShapeException error = Assert.Throws<ShapeException>(() => Ops.SwiGlu(Ops.Zeros([2, 3]), Ops.Zeros([2, 4])));
        Assert.Equal("up", error.ParamName);
        Assert.Equal((1, "3", "4"), (error.Axis, error.Expected, error.Actual));

        error = Assert.Throws<ShapeException>(() => Ops.SwiGlu(Ops.Zeros([2, 3]), Ops.Zeros([3, 4])));
        Assert.Equal((null, "[2, 3]", "[3, 4]"), (error.Axis, error.Expected, error.Actual));
    }

    [Fact]
    public void ShapesThatDoNotStretchNameTheArgumentOfTheOp()
    {
        Tensor a = Ops.Zeros([2, 3]), b = Ops.Zeros([2, 4]);
        Action[] uses =
        [
            () => Ops.Add(a, b), () => Ops.Equal(a, b), () => Ops.Where(Ops.Equal(a, a), a, b), () => Ops.Power(a, b),
            () => Ops.MatMul(Ops.Zeros([2, 1, 3]), Ops.Zeros([4, 3, 1])),
        ];
        foreach (Action use in uses)
        {
            ShapeException error = Assert.Throws<ShapeException>(use);
            Assert.Equal("b", error.ParamName);
            Assert.NotNull(error.Axis);
        }

        Assert.Equal("mask", Assert.Throws<ShapeException>(() => Ops.SoftmaxMasked(a, b)).ParamName);
        Assert.Equal("condition", Assert.Throws<ShapeException>(() => Ops.Where(Ops.Equal(b, b), a, a)).ParamName);
    }

    [Fact]
    public void PaddingThatDoesNotFitNamesTheAxis()
    {
        ShapeException error = Assert.Throws<ShapeException>(() => Ops.Pad(Ops.Zeros([2, 3]), [3, 0], PadMode.Reflect));
        Assert.Equal(("padding", 1, "0..2", "(3, 0)"), (error.ParamName, error.Axis, error.Expected, error.Actual));
        error = Assert.Throws<ShapeException>(() => Ops.Pad(Ops.Zeros([2, 3]), [-2, -2]));
        Assert.Equal(("padding", 1), (error.ParamName, error.Axis));
    }

    [Fact]
    public void ATensorThatIsGoneIsNamedAsTheArgument()
    {
        Tensor there = Ops.Zeros([2, 3]), gone = Ops.Zeros([2, 3]);
        gone.Dispose();
        (string Argument, Action Use)[] uses =
        [
            ("b", () => Ops.Add(there, gone)), ("input", () => Ops.Relu(gone)), ("up", () => Ops.SwiGlu(there, gone)),
            ("weight", () => Ops.Linear(there, gone)), ("b", () => Ops.MatMul(there, gone)), ("input", () => Ops.Reshape(gone, [6])),
            ("input", () => Ops.Permute(gone, [1, 0])), ("input", () => Ops.Cast(gone, DType.I32)), ("input", () => Ops.Softmax(gone)),
            ("mask", () => Ops.SoftmaxMasked(there, gone)), ("input", () => Ops.Clone(gone)), ("inputs", () => Ops.Concat([there, gone], 0)),
            ("input", () => Ops.Sum(gone)), ("input", () => Ops.Slice(gone, 0, 1)), ("index", () => Ops.Gather(there, gone, 0)),
        ];
        foreach ((string argument, Action use) in uses)
        {
            TensorDisposedException error = Assert.Throws<TensorDisposedException>(use);
            Assert.Equal(argument, error.Argument);
            Assert.Contains($"'{argument}'", error.Message, StringComparison.Ordinal);
            Assert.Contains("disposed", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Every op that reflection can call, with each of its tensors gone in turn.</summary>
    [Fact]
    public void EveryOpNamesTheTensorThatIsGone()
    {
        Tensor gone = Ops.Zeros([4, 4]);
        gone.Dispose();
        var nameless = new SortedSet<string>(StringComparer.Ordinal);
        int named = 0;
        foreach (MethodInfo op in typeof(Ops).GetMethods(BindingFlags.Public | BindingFlags.Static))
        {
            ParameterInfo[] parameters = op.GetParameters();
            if (op.ContainsGenericParameters || parameters.Any(p => p.ParameterType.IsByRefLike))
            {
                continue;
            }

            foreach (ParameterInfo tested in parameters.Where(p => IsTensor(p.ParameterType)))
            {
                foreach (Tensor other in new[] { Ops.Ones([4, 4]), Ops.Ones([1, 4, 4, 4]), Ops.Ones([4]), Ops.Zeros([4], DType.I64), Ops.Zeros([4, 4], DType.Bool) })
                {
                    object?[] arguments = [.. parameters.Select(p => p == tested ? gone : IsTensor(p.ParameterType) ? other : Plain(p))];
                    try
                    {
                        op.Invoke(null, arguments);
                    }
                    catch (TargetInvocationException error) when (error.InnerException is TensorDisposedException { Argument: var argument })
                    {
                        named++;
                        if (argument != tested.Name)
                        {
                            nameless.Add($"{op.Name}.{tested.Name}: {argument ?? "no name"}");
                        }
                    }
                    catch (TargetInvocationException)
                    {
                        // Something else does not fit first.
                    }
                }
            }
        }

        Assert.True(nameless.Count == 0, string.Join("\n", nameless));
        Assert.True(named > 100, $"{named}");

        static bool IsTensor(Type type) => type == typeof(Tensor) || type == typeof(Tensor?);
    }

    private static object? Plain(ParameterInfo parameter)
    {
        Type type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        return parameter.HasDefaultValue && parameter.DefaultValue is { } value ? value
            : type == typeof(int) ? 0
            : type == typeof(float) ? 1f
            : type == typeof(Shape) ? Shape.Create([4, 4])
            : type == typeof(RandomStream) ? new RandomStream(1)
            : type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type)
            : null;
    }

    [Fact]
    public void AViewThatSkipsElementsSaysWhereAndWhatGoes()
    {
        NonContiguousException error = Assert.Throws<NonContiguousException>(() => Ops.Zeros([2, 3]).Range(1, 0, 2));
        Assert.Equal((1, "axis 0", "axis 1 of shape [2, 3]"), (error.Axis, error.Expected, error.Actual));
    }
}
