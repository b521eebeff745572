using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Arm64 = System.Runtime.Intrinsics.Arm.AdvSimd.Arm64;

namespace Percept.Tensors.Diagnostics;

/// <summary>
/// What the processor offers to kernels in this process: its own features, less those that the runtime's switches
/// (<c>DOTNET_EnableHWIntrinsic</c>, <c>DOTNET_EnableAVX2</c>, <c>DOTNET_EnableAVX512</c> …) turn off.
/// </summary>
/// <remarks>
/// Code that is emitted at run time obeys these values, so a switch that turns off an instruction set for intrinsics turns
/// it off for emitted kernels as well. <c>PERCEPT_EMIT=0</c> in the environment turns off emitted kernels alone.
/// </remarks>
public static class CpuFeatures
{
    private static readonly Leaf s_basic = Cpuid(0, 0);
    private static readonly Leaf s_one = Cpuid(1, 0);
    private static readonly Leaf s_seven = s_basic.Eax >= 7 ? Cpuid(7, 0) : default;
    private static readonly Leaf s_sevenOne = s_seven.Eax >= 1 ? Cpuid(7, 1) : default;

    /// <summary>The processor's name as it gives it itself, or its architecture where it gives none.</summary>
    public static string Name { get; } = ReadName();

    /// <summary>The architecture that this process runs as.</summary>
    public static Architecture Architecture => RuntimeInformation.ProcessArchitecture;

    /// <summary>The widest vectors that kernels use, in bits: 512, 256, 128, or 0 for scalar code.</summary>
    public static int VectorBits { get; } =
        Avx512F.IsSupported ? 512
        : Avx2.IsSupported && Fma.IsSupported ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 0;

    /// <summary>256-bit integer vectors.</summary>
    public static bool HasAvx2 { get; } = Avx2.IsSupported;

    /// <summary>Fused multiply-add on 128- and 256-bit vectors.</summary>
    public static bool HasFma { get; } = Fma.IsSupported;

    /// <summary>Conversion between half and single precision.</summary>
    public static bool HasF16C { get; } = Avx2.IsSupported && Bit(s_one.Ecx, 29);

    /// <summary>512-bit vectors, foundation.</summary>
    public static bool HasAvx512F { get; } = Avx512F.IsSupported;

    /// <summary>512-bit vectors of bytes and words.</summary>
    public static bool HasAvx512BW { get; } = Avx512BW.IsSupported;

    /// <summary>512-bit vectors of doublewords and quadwords, second part.</summary>
    public static bool HasAvx512DQ { get; } = Avx512DQ.IsSupported;

    /// <summary>The AVX-512 instructions on 128- and 256-bit vectors.</summary>
    public static bool HasAvx512VL { get; } = Avx512F.VL.IsSupported;

    /// <summary>Permutes of bytes over 512 bits.</summary>
    public static bool HasAvx512Vbmi { get; } = Avx512Vbmi.IsSupported;

    /// <summary>Four-way int8 dot products on 512 bits (<c>vpdpbusd</c>), reachable by emitted code only.</summary>
    public static bool HasAvx512Vnni { get; } =
        Avx512F.IsSupported && Avx512BW.IsSupported && Bit(s_seven.Ecx, 11) && LatestAvx512Allowed();

    /// <summary>Two-way bfloat16 dot products on 512 bits (<c>vdpbf16ps</c>), reachable by emitted code only.</summary>
    public static bool HasAvx512BF16 { get; } =
        Avx512F.IsSupported && Avx512BW.IsSupported && Bit(s_sevenOne.Eax, 5) && LatestAvx512Allowed();

    /// <summary>Four-way int8 dot products on 128 and 256 bits.</summary>
    public static bool HasAvxVnni { get; } = AvxVnni.IsSupported;

    /// <summary>The 128-bit vectors of arm64.</summary>
    public static bool HasAdvSimd { get; } = Arm64.IsSupported;

    /// <summary>Four-way int8 dot products of arm64.</summary>
    public static bool HasArmDotProduct { get; } = Dp.IsSupported;

    /// <summary>
    /// Whether kernels may be emitted: an x64 process with 512-bit vectors that <c>PERCEPT_EMIT=0</c> does not forbid.
    /// A system that refuses executable memory is found out by the family that asks for it; see <see cref="CodePaths"/>.
    /// </summary>
    public static bool EmissionEnabled { get; } =
        Architecture == Architecture.X64
        && Avx512F.IsSupported
        && Environment.GetEnvironmentVariable("PERCEPT_EMIT") != "0";

    /// <summary>Bytes of a core's first-level data cache; 32 KiB where the processor does not tell.</summary>
    internal static int FirstLevelBytes { get; } = ReadFirstLevel();

    /// <summary>
    /// Whether the core says that it takes 512-bit vectors as two halves (Zen 4): twice the vectors of 256 bits are as fast, and
    /// faster where stores count.
    /// </summary>
    internal static bool HalvesVectors512 { get; } = ReadHalvesVectors512();

    /// <summary>
    /// Whether streams of weights are left to the hardware's prefetchers, and vectors kept out of the way of the first-level
    /// cache: a small one, in a core with <see cref="HalvesVectors512"/>.
    /// </summary>
    internal static bool HardwarePrefetchOnly { get; } = HalvesVectors512 && FirstLevelBytes <= 32 << 10;

    /// <summary>The names of the features in use, in a fixed order.</summary>
    public static IReadOnlyList<string> Names { get; } = ReadNames();

    /// <summary>The implementation that each kernel family uses in this process. The first call may emit code.</summary>
    public static IReadOnlyList<CodePath> GetCodePaths() => Diagnostics.CodePaths.All();

    private static bool Bit(uint value, int bit) => (value >> bit & 1) != 0;

    /// <summary>The runtime's third group of AVX-512 instructions, which needs the second.</summary>
    private static bool LatestAvx512Allowed() => NotSwitchedOff("EnableAVX512v2") && NotSwitchedOff("EnableAVX512v3");

    /// <summary>A switch that no intrinsics class mirrors is read where the runtime reads it; any value of zero is off.</summary>
    private static bool NotSwitchedOff(string name)
    {
        string? text = Environment.GetEnvironmentVariable("DOTNET_" + name);
        return string.IsNullOrEmpty(text) || text.Trim('0').Length != 0;
    }

    private static Leaf Cpuid(int leaf, int subLeaf)
    {
        if (!X86Base.IsSupported)
        {
            return default;
        }

        (int eax, int ebx, int ecx, int edx) = X86Base.CpuId(leaf, subLeaf);
        return new Leaf((uint)eax, (uint)ebx, (uint)ecx, (uint)edx);
    }

    /// <summary>AMD's hints on performance: vectors of 256 bits are taken whole, those of 512 are not.</summary>
    private static bool ReadHalvesVectors512()
    {
        const uint HintsLeaf = 0x8000_001A;
        uint hints = Cpuid(unchecked((int)0x8000_0000), 0).Eax >= HintsLeaf ? Cpuid(unchecked((int)HintsLeaf), 0).Eax : 0;
        return HasAvx512F && Bit(hints, 2) && !Bit(hints, 3);
    }

    /// <summary>
    /// The deterministic cache parameters: leaf 4 of Intel's processors, 8000001D of AMD's, alike in form. Virtual machines may
    /// leave both empty and keep AMD's older leaf 80000005, with the kilobytes in its top byte.
    /// </summary>
    private static int ReadFirstLevel()
    {
        const int Fallback = 32 << 10;
        const uint OlderAmdLeaf = 0x8000_0005, AmdLeaf = 0x8000_001D;
        const uint Data = 1, Unified = 3;
        uint lastExtended = Cpuid(unchecked((int)0x8000_0000), 0).Eax;
        bool amd = lastExtended >= AmdLeaf && Cpuid(unchecked((int)AmdLeaf), 0).Eax != 0;
        for (int i = 0; i < 8 && (amd || Cpuid(0, 0).Eax >= 4); i++)
        {
            Leaf cache = Cpuid(amd ? unchecked((int)AmdLeaf) : 4, i);
            uint type = cache.Eax & 31, level = cache.Eax >> 5 & 7;
            if (type == 0)
            {
                break;
            }

            if (type is Data or Unified && level == 1)
            {
                long ways = (cache.Ebx >> 22) + 1, partitions = (cache.Ebx >> 12 & 0x3FF) + 1, line = (cache.Ebx & 0xFFF) + 1;
                return FirstLevel(ways * partitions * line * (cache.Ecx + 1L));
            }
        }

        uint kilobytes = lastExtended >= OlderAmdLeaf ? Cpuid(unchecked((int)OlderAmdLeaf), 0).Ecx >> 24 : 0;
        return kilobytes == 0 ? Fallback : FirstLevel((long)kilobytes << 10);

        static int FirstLevel(long bytes) => (int)Math.Clamp(bytes, 8 << 10, 1 << 20);
    }

    private static string ReadName()
    {
        const uint FirstNameLeaf = 0x8000_0002;
        string fallback = RuntimeInformation.ProcessArchitecture.ToString();
        if (Cpuid(unchecked((int)0x8000_0000), 0).Eax < FirstNameLeaf + 2)
        {
            return fallback;
        }

        Span<byte> bytes = stackalloc byte[48];
        for (int i = 0; i < 3; i++)
        {
            Leaf leaf = Cpuid(unchecked((int)(FirstNameLeaf + (uint)i)), 0);
            MemoryMarshal.Write(bytes[(16 * i)..], in leaf);
        }

        string name = Encoding.ASCII.GetString(bytes).Trim('\0', ' ');
        return name.Length == 0 ? fallback : name;
    }

    private static string[] ReadNames()
    {
        (string Name, bool Has)[] features =
        [
            ("AVX2", HasAvx2), ("FMA", HasFma), ("F16C", HasF16C), ("AVX512F", HasAvx512F), ("AVX512BW", HasAvx512BW),
            ("AVX512DQ", HasAvx512DQ), ("AVX512VL", HasAvx512VL), ("AVX512VBMI", HasAvx512Vbmi),
            ("AVX512VNNI", HasAvx512Vnni), ("AVX512BF16", HasAvx512BF16), ("AVXVNNI", HasAvxVnni),
            ("ADVSIMD", HasAdvSimd), ("DOTPROD", HasArmDotProduct),
        ];
        return [.. features.Where(feature => feature.Has).Select(feature => feature.Name)];
    }

    /// <summary>One answer of the CPUID instruction.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Leaf(uint Eax, uint Ebx, uint Ecx, uint Edx);
}
