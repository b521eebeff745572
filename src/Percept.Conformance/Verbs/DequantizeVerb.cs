using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>Stored blocks <c>raw</c> → float32 <c>values</c>.</summary>
internal static class DequantizeVerb
{
    internal static void Run(RunContext context)
    {
        DType type = BlockTypes.Read(context.Args);
        context.Give("values", BlockTypes.Dequantize(context.Need("raw"), type));
    }
}
