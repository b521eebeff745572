using Iced.Intel;
using Percept.Tensors.Diagnostics;
using Percept.Tensors.Memory;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Emission;

/// <summary>Writes the body of one kernel: the argument struct's address is in rdi and every register is free to use.</summary>
/// <param name="code">The assembler, after the prologue. Falling off the end returns; a body must leave rsp as it found it.</param>
internal delegate void KernelBody(Assembler code);

/// <summary>A few kernels that were assembled together and live in one piece of executable memory.</summary>
/// <remarks>
/// Calling convention: <c>void kernel(void* arguments)</c>. The prologue and epilogue written here hide the platform's
/// ABI: on entry to a body the argument is in rdi on every system; rbx, rbp, rsi, rdi and r12–r15 are saved, and on
/// Windows xmm6–xmm15 too, so a body may use all general registers but rsp, all vector and all mask registers. The
/// epilogue runs vzeroupper. A body keeps no red zone across a call and makes none. Code is position-independent.
/// Kernels are called with the normal transition to unmanaged code, so that a long one does not hold up a collection.
/// </remarks>
internal sealed unsafe class KernelCode
{
    private const int Alignment = 64;
    private const int SavedVectorBytes = 10 * 16;

    private readonly ExecutableMemory _memory;
    private readonly int[] _offsets;

    private KernelCode(ExecutableMemory memory, int[] offsets)
    {
        _memory = memory;
        _offsets = offsets;
    }

    /// <summary>How the pages were got.</summary>
    internal ExecutableSources Source => _memory.Source;

    /// <summary>Assembles kernels; null when emission is off or the system gives no executable memory.</summary>
    /// <param name="bodies">One body a kernel.</param>
    /// <param name="sources">The ways to get executable pages that may be tried.</param>
    internal static KernelCode? TryCreate(ReadOnlySpan<KernelBody> bodies, ExecutableSources sources = ExecutableSources.All) =>
        TryCreate(bodies, sources, OperatingSystem.IsWindows());

    /// <summary>The same for a given calling convention: Windows x64, or System V.</summary>
    internal static KernelCode? TryCreate(ReadOnlySpan<KernelBody> bodies, ExecutableSources sources, bool windows)
    {
        if (!CpuFeatures.EmissionEnabled || sources == ExecutableSources.None)
        {
            return null;
        }

        using var stream = new MemoryStream();
        int[] offsets = new int[bodies.Length];
        for (int i = 0; i < bodies.Length; i++)
        {
            while (stream.Position % Alignment != 0)
            {
                stream.WriteByte(0xCC);
            }

            offsets[i] = (int)stream.Position;
            var code = new Assembler(64);
            Enter(code, windows);
            bodies[i](code);
            Leave(code, windows);
            code.Assemble(new StreamCodeWriter(stream), (ulong)stream.Position);
        }

        ExecutableMemory? memory = ExecutableMemory.TryCreate(stream.GetBuffer().AsSpan(0, (int)stream.Length), sources);
        return memory is null ? null : new KernelCode(memory, offsets);
    }

    /// <summary>
    /// The entry of a kernel. Valid while this object is reachable: families keep it in a static field for the process's life.
    /// </summary>
    internal delegate* unmanaged<void*, void> Entry(int index) =>
        (delegate* unmanaged<void*, void>)((byte*)_memory.Address + _offsets[index]);

    private static void Enter(Assembler code, bool windows)
    {
        code.push(rbx);
        code.push(rbp);
        code.push(r12);
        code.push(r13);
        code.push(r14);
        code.push(r15);
        if (windows)
        {
            code.push(rdi);
            code.push(rsi);
            code.sub(rsp, SavedVectorBytes);
            for (int i = 0; i < 10; i++)
            {
                code.vmovdqu(__xmmword_ptr[rsp + (16 * i)], Xmm(6 + i));
            }

            code.mov(rdi, rcx);
        }
    }

    private static void Leave(Assembler code, bool windows)
    {
        code.vzeroupper();
        if (windows)
        {
            for (int i = 0; i < 10; i++)
            {
                code.vmovdqu(Xmm(6 + i), __xmmword_ptr[rsp + (16 * i)]);
            }

            code.add(rsp, SavedVectorBytes);
            code.pop(rsi);
            code.pop(rdi);
        }

        code.pop(r15);
        code.pop(r14);
        code.pop(r13);
        code.pop(r12);
        code.pop(rbp);
        code.pop(rbx);
        code.ret();
    }

    private static AssemblerRegisterXMM Xmm(int index) => new(Register.XMM0 + index);
}
