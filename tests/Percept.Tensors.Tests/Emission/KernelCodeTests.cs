using System.Runtime.InteropServices;
using Iced.Intel;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Emission;
using Percept.Tensors.Memory;
using Xunit;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Tests.Emission;

/// <summary>Executable memory and the calling convention of emitted kernels.</summary>
[Trait("Level", "Simd")]
public sealed unsafe class KernelCodeTests
{
    private static readonly byte[] s_return = [0xC3];
    private static readonly byte[] s_returnArm64 = [0xC0, 0x03, 0x5F, 0xD6];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void PagesRunAndAreFreed(int sources)
    {
        byte[] code = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? s_returnArm64 : s_return;
        for (int i = 0; i < 200; i++)
        {
            using ExecutableMemory? memory = ExecutableMemory.TryCreate(code, (ExecutableSources)sources);
            if (memory is null)
            {
                continue; // This system offers no such pages: that is the documented answer.
            }

            ((delegate* unmanaged<void>)memory.Address)();
            Assert.True(((ExecutableSources)sources).HasFlag(memory.Source));
            memory.Dispose();
            Assert.True(memory.Address == null);
        }
    }

    [Fact]
    public void RefusalGivesNull()
    {
        Assert.Null(ExecutableMemory.TryCreate(s_return, ExecutableSources.None));
        Assert.Null(ExecutableMemory.TryCreate([], ExecutableSources.All));
        Assert.Null(KernelCode.TryCreate([Increment], ExecutableSources.None));
    }

    [Fact]
    public void KernelsReceiveTheirArgumentsAndKeepTheCallersRegisters()
    {
        KernelCode? code = KernelCode.TryCreate([Increment, ClobberEverything, Increment]);
        if (code is null)
        {
            Assert.False(CpuFeatures.EmissionEnabled && OperatingSystem.IsLinux());
            return;
        }

        long value = 41;
        double kept = Environment.TickCount64;
        for (int i = 0; i < 1000; i++)
        {
            double before = kept + i;
            code.Entry(0)(&value);
            code.Entry(1)(&value);
            code.Entry(2)(&value);
            Assert.Equal(kept + i, before);
        }

        Assert.Equal(41 + 2000, value);
        Assert.True(((nint)code.Entry(2) & 63) == 0);
    }

    private static void Increment(Assembler code) => code.inc(__qword_ptr[rdi]);

    private static void ClobberEverything(Assembler code)
    {
        AssemblerRegister64[] general = [rax, rbx, rcx, rdx, rbp, rsi, r8, r9, r10, r11, r12, r13, r14, r15];
        foreach (AssemblerRegister64 register in general)
        {
            code.mov(register, -1L);
        }

        for (int i = 0; i < 32; i++)
        {
            code.vpternlogd(Zmm.At(i), Zmm.At(i), Zmm.At(i), 0xFF);
        }
    }
}
