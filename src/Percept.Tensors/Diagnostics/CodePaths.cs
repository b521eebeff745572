using Percept.Tensors.Kernels;

namespace Percept.Tensors.Diagnostics;

/// <summary>The kernel families that choose between emitted code, intrinsics and scalar code.</summary>
internal static class CodePaths
{
    /// <summary>The path each family takes in this process; a family adds its line here.</summary>
    internal static CodePath[] All() =>
    [
        new("gemm-f32", Intrinsics()),
        new("gemv-half", Kernels.Gemm.EmittedGemv.Path),
        new("gemm-bf16", Kernels.BF16.GemmBF16.Path),
        new("gemm-quantized", QuantizedGemm.CodePath),
        new("gemv-quantized", QuantizedGemv.CodePath),
    ];

    /// <summary>The path of a family that has intrinsics kernels for every vector width and no emitted code.</summary>
    internal static string Intrinsics() =>
        CpuFeatures.VectorBits == 0
            ? "scalar"
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"intrinsics {CpuFeatures.VectorBits}");
}
