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
        GC.KeepAlive(code);
    }

    [Fact]
    public void TheWindowsConventionKeepsItsCalleesRegisters()
    {
        KernelCode? kernel = KernelCode.TryCreate([IncrementAndClobber], ExecutableSources.All, windows: true);
        KernelCode? caller = KernelCode.TryCreate([CallAsWindowsDoes]);
        if (kernel is null || caller is null)
        {
            Assert.False(CpuFeatures.EmissionEnabled && OperatingSystem.IsLinux());
            return;
        }

        long value = 41;
        long* arguments = stackalloc long[] { (long)kernel.Entry(0), (long)&value, 0 };
        caller.Entry(0)(arguments);
        Assert.Equal(42, value);
        Assert.Equal(1, arguments[2]);
        GC.KeepAlive(kernel);
        GC.KeepAlive(caller);
    }

    /// <summary>Arguments: the kernel, its argument, and a word set to 1 when rsi, rdi and xmm6–xmm15 came back unchanged.</summary>
    private static void CallAsWindowsDoes(Assembler code)
    {
        Label changed = code.CreateLabel();
        code.mov(rbx, rdi);
        code.mov(rcx, __qword_ptr[rbx + 8]);
        code.mov(rsi, 1111);
        code.mov(rdi, 2222);
        for (int i = 6; i < 16; i++)
        {
            code.mov(eax, 100 + i);
            code.vmovd(new AssemblerRegisterXMM(Register.XMM0 + i), eax);
        }

        // The prologue left the stack 8 bytes off; 32 bytes of shadow space and 8 align it.
        code.sub(rsp, 40);
        code.call(__qword_ptr[rbx]);
        code.add(rsp, 40);
        code.cmp(rsi, 1111);
        code.jne(changed);
        code.cmp(rdi, 2222);
        code.jne(changed);
        for (int i = 6; i < 16; i++)
        {
            code.vmovd(eax, new AssemblerRegisterXMM(Register.XMM0 + i));
            code.cmp(eax, 100 + i);
            code.jne(changed);
        }

        code.mov(__qword_ptr[rbx + 16], 1);
        code.Label(ref changed);
        code.nop();
    }

    private static void IncrementAndClobber(Assembler code)
    {
        Increment(code);
        ClobberEverything(code);
        code.mov(rdi, -1L);
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
