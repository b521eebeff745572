using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Percept.Tensors.Diagnostics;
using Xunit;

namespace Percept.Tensors.Tests.Emission;

/// <summary>The features that emitted code relies on follow the runtime's own switches.</summary>
[Trait("Level", "Simd")]
public sealed class CpuFeaturesTests
{
    [Fact]
    public void SwitchesTurnOffEmittedInstructionSets()
    {
        if (IsOff("EnableHWIntrinsic"))
        {
            Assert.Equal(0, CpuFeatures.VectorBits);
            Assert.Empty(CpuFeatures.Names);
        }

        if (IsOff("EnableHWIntrinsic") || IsOff("EnableAVX2"))
        {
            Assert.False(CpuFeatures.HasAvx2);
            Assert.False(CpuFeatures.HasF16C);
            Assert.False(CpuFeatures.HasAvxVnni);
            Assert.True(CpuFeatures.VectorBits <= 128);
        }

        if (IsOff("EnableHWIntrinsic") || IsOff("EnableAVX2") || IsOff("EnableAVX512"))
        {
            Assert.False(CpuFeatures.HasAvx512F);
            Assert.False(CpuFeatures.HasAvx512Vnni);
            Assert.False(CpuFeatures.HasAvx512BF16);
            Assert.False(CpuFeatures.EmissionEnabled);
            Assert.True(CpuFeatures.VectorBits <= 256);
        }
    }

    [Fact]
    public void FeaturesAgreeWithTheIntrinsics()
    {
        Assert.Equal(Avx512F.IsSupported, CpuFeatures.HasAvx512F);
        Assert.True(CpuFeatures.HasAvx512F || !(CpuFeatures.HasAvx512Vnni || CpuFeatures.HasAvx512BF16));
        Assert.Equal(Vector128.IsHardwareAccelerated, CpuFeatures.VectorBits >= 128);
        Assert.Equal(CpuFeatures.HasAvx512BF16, CpuFeatures.Names.Contains("AVX512BF16"));
        Assert.NotEmpty(CpuFeatures.Name);
    }

    [Fact]
    public void EveryFamilyNamesItsPath()
    {
        IReadOnlyList<CodePath> paths = CpuFeatures.GetCodePaths();
        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.NotEmpty(path.Path));
        Assert.Equal(paths.Count, paths.Select(path => path.Family).Distinct().Count());
        Assert.True(CpuFeatures.EmissionEnabled || !paths.Any(path => path.Path.StartsWith("emitted", StringComparison.Ordinal)));
    }

    private static bool IsOff(string name) => Environment.GetEnvironmentVariable("DOTNET_" + name) == "0";
}
