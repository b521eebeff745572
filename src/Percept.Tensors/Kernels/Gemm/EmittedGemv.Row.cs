using Iced.Intel;
using Percept.Tensors.Emission;
using static Iced.Intel.AssemblerRegisters;

namespace Percept.Tensors.Kernels.Gemm;

/// <content>The kernels for one vector: a row at a time, as the memory likes it.</content>
internal sealed unsafe partial class EmittedGemv
{
    /// <summary>
    /// Writes one kernel. rsi: the row. rdx: the vector. rax: bytes done of the row, and half of those of the vector. rcx:
    /// bytes of whole lines. r8: bytes of whole steps. rbx: bytes to the next row. r15: sums. rbp: rows left.
    /// zmm0 … zmm7: sums.
    /// </summary>
    private sealed class RowBody(Assembler code, bool half)
    {
        private const int LinesOfStep = 4;
        private const int Sums = 2 * LinesOfStep;

        internal void Emit()
        {
            Label row = code.CreateLabel(), step = code.CreateLabel(), line = code.CreateLabel();
            Label tail = code.CreateLabel(), reduce = code.CreateLabel();
            Enter();
            code.Label(ref row);
            for (int i = 0; i < Sums; i++)
            {
                code.vpxord(Zmm.At(i), Zmm.At(i), Zmm.At(i));
            }

            code.xor(eax, eax);
            code.test(r8, r8);
            code.jz(line);
            code.Label(ref step);
            for (int i = 0; i < LinesOfStep && GemvEmitter.Ahead > 0; i++)
            {
                code.prefetchnta(__byte_ptr[rsi + rax + (GemvEmitter.Ahead + (i * Line))]);
            }

            for (int i = 0; i < LinesOfStep; i++)
            {
                Add(i, 2 * i, masked: false);
            }

            code.add(rax, LinesOfStep * Line);
            code.cmp(rax, r8);
            code.jb(step);
            code.Label(ref line);
            code.cmp(rax, rcx);
            code.jae(tail);
            Add(0, 0, masked: false);
            code.add(rax, Line);
            code.jmp(line);
            code.Label(ref tail);
            code.cmp(__dword_ptr[rdi + Offset(nameof(Arguments.TailMask))], 0);
            code.je(reduce);
            Add(0, 0, masked: true);
            code.Label(ref reduce);
            Reduce();
            code.add(rsi, rbx);
            code.dec(rbp);
            code.jnz(row);
        }

        private void Enter()
        {
            code.mov(rsi, __qword_ptr[rdi + Offset(nameof(Arguments.W))]);
            code.mov(rdx, __qword_ptr[rdi + Offset(nameof(Arguments.X))]);
            code.mov(rbx, __qword_ptr[rdi + Offset(nameof(Arguments.RowBytes))]);
            code.mov(r15, __qword_ptr[rdi + Offset(nameof(Arguments.Sums))]);
            code.mov(rbp, __qword_ptr[rdi + Offset(nameof(Arguments.Groups))]);
            code.mov(rcx, __qword_ptr[rdi + Offset(nameof(Arguments.BlockBytes))]);
            code.mov(r8, rcx);
            code.and(r8, -LinesOfStep * Line);
            code.kmovd(k1, __dword_ptr[rdi + Offset(nameof(Arguments.TailMask))]);
            code.kshiftrd(k2, k1, 16);
        }

        /// <summary>Adds the 32 columns of a line, or those of them under the masks, to two sums.</summary>
        private void Add(int line, int sum, bool masked)
        {
            for (int h = 0; h < 2; h++)
            {
                AssemblerRegisterZMM weights = Zmm.At(16 + sum + h), x = Zmm.At(8 + h);
                AssemblerRegisterZMM into = !masked ? weights : h == 0 ? weights.k1.z : weights.k2.z;
                AssemblerMemoryOperand from = __ymmword_ptr[rsi + rax + ((line * Line) + (h * Line / 2))];
                if (half)
                {
                    code.vcvtph2ps(into, from);
                }
                else
                {
                    code.vpmovzxwd(into, from);
                    code.vpslld(weights, weights, 16);
                }

                AssemblerMemoryOperand vector = __zmmword_ptr[rdx + (rax * 2) + ((2 * line * Line) + (h * Line))];
                if (masked)
                {
                    code.vmovups(h == 0 ? x.k1.z : x.k2.z, vector);
                    code.vfmadd231ps(Zmm.At(sum + h), weights, x);
                }
                else
                {
                    code.vfmadd231ps(Zmm.At(sum + h), weights, vector);
                }
            }
        }

        private void Reduce()
        {
            for (int distance = 1; distance < Sums; distance *= 2)
            {
                for (int i = 0; i < Sums; i += 2 * distance)
                {
                    code.vaddps(Zmm.At(i), Zmm.At(i), Zmm.At(i + distance));
                }
            }

            code.vextractf64x4(ymm1, zmm0, 1);
            code.vaddps(ymm0, ymm0, ymm1);
            code.vextractf128(xmm1, ymm0, 1);
            code.vaddps(xmm0, xmm0, xmm1);
            code.vmovhlps(xmm1, xmm1, xmm0);
            code.vaddps(xmm0, xmm0, xmm1);
            code.vmovshdup(xmm1, xmm0);
            code.vaddss(xmm0, xmm0, xmm1);
            code.vmovss(__dword_ptr[r15], xmm0);
            code.add(r15, sizeof(float));
        }
    }
}
