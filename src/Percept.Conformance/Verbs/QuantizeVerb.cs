using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Float32 <c>values</c> → stored blocks <c>raw</c>, and <c>values_back</c> decoded from them.</summary>
internal static class QuantizeVerb
{
    internal static void Run(RunContext context)
    {
        DType type = BlockTypes.Read(context.Args);
        Tensor raw = BlockTypes.Quantize(context.Need("values"), type);
        context.Give("raw", raw);
        context.Give("values_back", BlockTypes.Dequantize(raw, type));
    }
}
