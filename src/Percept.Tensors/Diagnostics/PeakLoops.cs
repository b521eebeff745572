using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;
using Percept.Tensors.Emission;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Diagnostics;

/// <summary>The loops of the arithmetic probes: independent multiply-add chains in registers, nothing from memory.</summary>
/// <remarks>
/// The chains outnumber latency times units on every known core (Zen 5: 2 units of latency 4 for FMA and vpdpbusd, 6 for
/// vdpbf16ps, so 12 at most are needed). A round is a fixed number of multiply-adds.
/// </remarks>
internal static unsafe partial class PeakLoops
{
    private const int EmittedChains = 24;
    private const int Chains = 12;
    private const int Repeats = 32;

    private static readonly KernelCode? s_emittedInt8 =
        CpuFeatures.HasAvx512Vnni ? KernelCode.TryCreate([EmitInt8]) : null;

    private static readonly KernelCode? s_emittedBF16 =
        CpuFeatures.HasAvx512BF16 ? KernelCode.TryCreate([EmitBF16]) : null;

    private static readonly Int8Path s_int8 = s_emittedInt8 is not null ? Int8Path.Emitted
        : AvxVnni.IsSupported ? Int8Path.AvxVnni
        : Avx512BW.IsSupported ? Int8Path.Maddubs512
        : Avx2.IsSupported ? Int8Path.Maddubs256
        : Dp.IsSupported ? Int8Path.ArmDot
        : Int8Path.Fp32;

    private enum Int8Path
    {
        Emitted,
        AvxVnni,
        Maddubs512,
        Maddubs256,
        ArmDot,
        Fp32,
    }

    internal static string Fp32Method =>
        CpuFeatures.VectorBits == 0 ? "scalar multiply-add" : $"multiply-add {CpuFeatures.VectorBits} bit";

    internal static string Int8Method => s_int8 switch
    {
        Int8Path.Emitted => "emitted vpdpbusd 512",
        Int8Path.AvxVnni => "vpdpbusd 256",
        Int8Path.Maddubs512 => "vpmaddubsw 512",
        Int8Path.Maddubs256 => "vpmaddubsw 256",
        Int8Path.ArmDot => "sdot 128",
        _ => $"none, fp32 {Fp32Method}",
    };

    internal static string BF16Method => s_emittedBF16 is not null ? "emitted vdpbf16ps 512" : $"none, fp32 {Fp32Method}";

    /// <summary>How many operations a round counts for.</summary>
    internal static double OperationsPerRound(PeakKind kind)
    {
        double fp32 = 2.0 * Chains * Repeats * Math.Max(1, CpuFeatures.VectorBits / 32);
        return kind switch
        {
            PeakKind.Int8 => s_int8 switch
            {
                Int8Path.Emitted => 2.0 * 64 * EmittedChains,
                Int8Path.Maddubs512 => 2.0 * 64 * Chains * Repeats,
                Int8Path.AvxVnni or Int8Path.Maddubs256 => 2.0 * 32 * Chains * Repeats,
                Int8Path.ArmDot => 2.0 * 16 * Chains * Repeats,
                _ => fp32,
            },
            PeakKind.BF16 => s_emittedBF16 is not null ? 2.0 * 32 * EmittedChains : fp32,
            _ => fp32,
        };
    }

    /// <summary>Runs rounds of the loop that belongs to an arithmetic limit.</summary>
    internal static void Run(PeakKind kind, int rounds)
    {
        long count = rounds;
        if (kind == PeakKind.BF16 && s_emittedBF16 is not null)
        {
            s_emittedBF16.Entry(0)(&count);
        }
        else if (kind == PeakKind.Int8 && s_int8 != Int8Path.Fp32)
        {
            RunInt8(rounds);
        }
        else if (CpuFeatures.VectorBits == 512)
        {
            Fp32Wide512(rounds * Repeats);
        }
        else if (CpuFeatures.VectorBits == 256)
        {
            Fp32Wide256(rounds * Repeats);
        }
        else if (CpuFeatures.VectorBits == 128)
        {
            Fp32Wide128(rounds * Repeats);
        }
        else
        {
            Fp32Scalar(rounds * Repeats);
        }
    }

    private static void RunInt8(int rounds)
    {
        long count = rounds;
        switch (s_int8)
        {
            case Int8Path.Emitted:
                s_emittedInt8!.Entry(0)(&count);
                break;
            case Int8Path.AvxVnni:
                DotAvxVnni(rounds * Repeats);
                break;
            case Int8Path.Maddubs512:
                DotMaddubs512(rounds * Repeats);
                break;
            case Int8Path.Maddubs256:
                DotMaddubs256(rounds * Repeats);
                break;
            default:
                DotArm(rounds * Repeats);
                break;
        }
    }

    private static void EmitInt8(Assembler code) =>
        EmitChains(code, static (c, sum, one) => c.vpdpbusd(sum, one, one));

    private static void EmitBF16(Assembler code) =>
        EmitChains(code, static (c, sum, one) => c.vdpbf16ps(sum, one, one));

    /// <summary>A round: one instruction for each of the chains zmm0 … zmm23, operands in zmm31.</summary>
    private static void EmitChains(Assembler code, Action<Assembler, AssemblerRegisterZMM, AssemblerRegisterZMM> step)
    {
        for (int i = 0; i < EmittedChains; i++)
        {
            code.vpxord(Zmm.At(i), Zmm.At(i), Zmm.At(i));
        }

        // Two bfloat16 ones; as bytes 128 and 63. The sums stay finite.
        code.mov(eax, 0x3F803F80);
        code.vpbroadcastd(Zmm.At(31), eax);
        code.mov(rax, __qword_ptr[rdi]);
        Label loop = code.CreateLabel();
        code.Label(ref loop);
        for (int i = 0; i < EmittedChains; i++)
        {
            step(code, Zmm.At(i), Zmm.At(31));
        }

        code.dec(rax);
        code.jnz(loop);
    }
}
