using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Copies and conversions of the element type.</summary>
internal static class TypeOperators
{
    internal static IEnumerable<(string Name, Action<OpRun> Op)> Table { get; } =
    [
        ("clone", static run => run.Give(Ops.Clone(run.Input("input", "x")))),
        ("to_bfloat16", static run => GiveBits(run, DType.BF16)),
        ("to_float16", static run => GiveBits(run, DType.F16)),
    ];

    /// <summary>The 16 bits of each converted element, as I32.</summary>
    private static void GiveBits(OpRun run, DType type)
    {
        Tensor converted = Ops.Cast(run.Input("x", "input"), type);
        ReadOnlySpan<byte> bytes = converted.Bytes();
        var bits = new int[bytes.Length / 2];
        for (int i = 0; i < bits.Length; i++)
        {
            bits[i] = BitConverter.ToUInt16(bytes[(2 * i)..]);
        }

        run.Give("bits", Tensor.From(bits, converted.Shape));
    }
}
