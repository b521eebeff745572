using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>NF4 quantisation of a matrix, with plain scales or with quantised ones.</summary>
internal static class NormalFloatVerbs
{
    internal static void Quantize(RunContext context)
    {
        Tensor weight = context.Need("weight");
        int block = context.Args.Int("block_size", NormalFloat4.DefaultBlock);
        (Tensor packed, Tensor scales) = Encode(weight, block);
        context.Give("packed", packed);
        context.Give("absmax", scales);
        context.Give("codes", Codes(packed, checked((int)weight.Count)));
        context.Give("table", Tensor.From(NormalFloat4.Table, [NormalFloat4.Table.Length]));
        context.Give("dequantized", Decode(packed, scales, weight.Shape, block));
    }

    internal static void QuantizeTwice(RunContext context)
    {
        Tensor weight = context.Need("weight");
        int block = context.Args.Int("block_size", NormalFloat4.DefaultBlock);
        int outerBlock = context.Args.Int("absmax_block_size", NormalFloat4.DefaultScaleBlock);
        (Tensor packed, Tensor scales) = Encode(weight, block);
        int count = scales.Shape[0];
        Tensor codes = Ops.Empty([count], DType.U8), outer = Ops.Empty([NormalFloat4.Blocks(count, outerBlock)]);
        float mean = NormalFloat4.QuantizeScales(
            scales.Span<float>(), codes.Writable<byte>(), outer.Writable<float>(), outerBlock);
        Tensor again = Ops.Empty([count]);
        NormalFloat4.DequantizeScales(codes.Span<byte>(), outer.Span<float>(), mean, again.Writable<float>(), outerBlock);
        context.Give("packed", packed);
        context.Give("absmax_codes", codes);
        context.Give("absmax_scale", outer);
        context.Give("absmax_offset", Ops.Full([], mean));
        context.Give("absmax_table", Tensor.From(NormalFloat4.ScaleTable, [NormalFloat4.ScaleTable.Length]));
        context.Give("absmax", again);
        context.Give("dequantized", Decode(packed, again, weight.Shape, block));
    }

    /// <summary>Weights of a shape from their codes and scales.</summary>
    internal static Tensor Decode(Tensor packed, Tensor scales, in Shape shape, int block)
    {
        Tensor weight = Ops.Empty(shape);
        NormalFloat4.Dequantize(packed.Span<byte>(), scales.Span<float>(), weight.Writable<float>(), block);
        return weight;
    }

    private static (Tensor Packed, Tensor Scales) Encode(Tensor weight, int block)
    {
        int count = checked((int)weight.Count);
        Tensor packed = Ops.Empty([(count + 1) / 2], DType.U8), scales = Ops.Empty([NormalFloat4.Blocks(count, block)]);
        NormalFloat4.Quantize(weight.Span<float>(), packed.Writable<byte>(), scales.Writable<float>(), block);
        return (packed, scales);
    }

    private static Tensor Codes(Tensor packed, int count)
    {
        Tensor codes = Ops.Empty([count], DType.U8);
        Span<byte> values = codes.Writable<byte>();
        for (int i = 0; i < count; i++)
        {
            values[i] = (byte)NormalFloat4.Code(packed.Span<byte>(), i);
        }

        return codes;
    }
}
