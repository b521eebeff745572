using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Percept.Tensors.Threading;

namespace Percept.Tensors.Kernels;

/// <summary>Optimizer steps in one pass over parameter, gradient and state, semantics of torch.optim.</summary>
/// <remarks>
/// g = gradient·scale (the clipping factor). AdamW: p ← p·(1 − lr·wd); m ← m + (1−β₁)(g − m); v ← β₂v + (1−β₂)g²;
/// p ← p − lr/(1−β₁ᵗ)·m/(√v/√(1−β₂ᵗ) + eps). Adam: g ← g + wd·p instead of the decay. SGD: g ← g + wd·p; b ← µb + (1−damping)·g, the first b is g;
/// p ← p − lr·(g + µb with Nesterov, else b). Lion: p ← p·(1 − lr·wd) − lr·sign(β₁m + (1−β₁)g); m ← β₂m + (1−β₂)g.
/// Layout: contiguous floats, all four of equal length. Tile: one vector; the remainder is done number by number.
/// </remarks>
internal static unsafe partial class OptimizerKernels
{
    /// <summary>Elements per parallel item: long enough that each of the seven streams fills pages.</summary>
    private const int Chunk = 65536;

    /// <summary>One step of AdamW, or of Adam with its decay in the gradient.</summary>
    internal static void Adam(in AdamStep step, float* p, float* g, float* m, float* v, long count)
    {
        var job = new Job { Kind = Kind.Adam, Adam = new AdamFactors(step), P = p, G = g, M = m, V = v, Count = count };
        WorkerPool.Shared.Run(ref job, RowBlocks.Items(count, Chunk));
    }

    /// <summary>One step of SGD; <paramref name="buffer"/> may be null without momentum.</summary>
    internal static void Sgd(in SgdStep step, float* p, float* g, float* buffer, long count)
    {
        var job = new Job { Kind = Kind.Sgd, Sgd = step, P = p, G = g, M = buffer, Count = count };
        WorkerPool.Shared.Run(ref job, RowBlocks.Items(count, Chunk));
    }

    /// <summary>One step of Lion.</summary>
    internal static void Lion(in LionStep step, float* p, float* g, float* m, long count)
    {
        var job = new Job { Kind = Kind.Lion, Lion = step, P = p, G = g, M = m, Count = count };
        WorkerPool.Shared.Run(ref job, RowBlocks.Items(count, Chunk));
    }

    private enum Kind
    {
        Adam,
        Sgd,
        Lion,
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint AdamCore<S, V>(in AdamFactors f, float* p, float* g, float* m, float* v, nint count)
        where S : ISimd<V>
        where V : struct
    {
        V gradientScale = S.Set(f.GradientScale);
        V l2 = S.Set(f.L2);
        V keep = S.Set(f.Keep);
        V oneLessBeta1 = S.Set(f.OneLessBeta1);
        V beta2 = S.Set(f.Beta2);
        V oneLessBeta2 = S.Set(f.OneLessBeta2);
        V inverseRoot = S.Set(f.InverseRootCorrection2);
        V eps = S.Set(f.Eps);
        V rate = S.Set(-f.Rate);
        nint i = 0;
        for (; i + S.Width <= count; i += S.Width)
        {
            V parameter = S.Load(p + i);
            V gradient = S.Fma(l2, parameter, S.Mul(S.Load(g + i), gradientScale));
            V first = S.Load(m + i);
            first = S.Fma(oneLessBeta1, S.Sub(gradient, first), first);
            V second = S.Fma(S.Mul(oneLessBeta2, gradient), gradient, S.Mul(beta2, S.Load(v + i)));
            V denominator = S.Fma(S.Sqrt(second), inverseRoot, eps);
            S.Store(m + i, first);
            S.Store(v + i, second);
            S.Store(p + i, S.Fma(S.Mul(rate, first), S.Div(S.Set(1f), denominator), S.Mul(parameter, keep)));
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint SgdCore<S, V>(in SgdStep s, float* p, float* g, float* buffer, nint count)
        where S : ISimd<V>
        where V : struct
    {
        V gradientScale = S.Set(s.GradientScale);
        V decay = S.Set(s.WeightDecay);
        V momentum = S.Set(s.First ? 0f : s.Momentum);
        V fresh = S.Set(s.First ? 1f : 1f - s.Dampening);
        V look = S.Set(s.Momentum);
        V rate = S.Set(-s.LearningRate);
        nint i = 0;
        for (; i + S.Width <= count; i += S.Width)
        {
            V parameter = S.Load(p + i);
            V step = S.Fma(decay, parameter, S.Mul(S.Load(g + i), gradientScale));
            if (buffer != null)
            {
                // At the first step the buffer may hold anything, NaN too.
                V b = S.Mul(fresh, step);
                b = s.First ? b : S.Fma(momentum, S.Load(buffer + i), b);
                S.Store(buffer + i, b);
                step = s.Nesterov ? S.Fma(look, b, step) : b;
            }

            S.Store(p + i, S.Fma(rate, step, parameter));
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint LionCore<S, V>(in LionStep s, float* p, float* g, float* m, nint count)
        where S : ISimd<V>
        where V : struct
    {
        V gradientScale = S.Set(s.GradientScale);
        V beta1 = S.Set(s.Beta1);
        V oneLessBeta1 = S.Set(1f - s.Beta1);
        V beta2 = S.Set(s.Beta2);
        V oneLessBeta2 = S.Set(1f - s.Beta2);
        V keep = S.Set((float)(1 - ((double)s.LearningRate * s.WeightDecay)));
        V rate = S.Set(-s.LearningRate);
        var sign = default(SignOp);
        nint i = 0;
        for (; i + S.Width <= count; i += S.Width)
        {
            V gradient = S.Mul(S.Load(g + i), gradientScale);
            V momentum = S.Load(m + i);
            V direction = sign.Forward<S, V>(S.Fma(beta1, momentum, S.Mul(oneLessBeta1, gradient)));
            S.Store(p + i, S.Fma(rate, direction, S.Mul(S.Load(p + i), keep)));
            S.Store(m + i, S.Fma(beta2, momentum, S.Mul(oneLessBeta2, gradient)));
        }

        return i;
    }

    private struct Job : IParallelJob
    {
        internal Kind Kind;
        internal AdamFactors Adam;
        internal SgdStep Sgd;
        internal LionStep Lion;
        internal float* P;
        internal float* G;
        internal float* M;
        internal float* V;
        internal long Count;

        public readonly void Run(int index)
        {
            long start = (long)index * Chunk;
            nint count = (nint)Math.Min(Chunk, Count - start);
            nint done = SimdLevel.Has512 ? Range<Simd512, Vector512<float>>(start, count)
                : SimdLevel.Has256 ? Range<Simd256, Vector256<float>>(start, count)
                : SimdLevel.Has128 ? Range<Simd128, Vector128<float>>(start, count)
                : 0;
            Range<SimdScalar, float>(start + done, count - done);
        }

        private readonly nint Range<S, TVector>(long start, nint count)
            where S : ISimd<TVector>
            where TVector : struct
        {
            float* m = M == null ? null : M + start;
            return Kind switch
            {
                Kind.Adam => AdamCore<S, TVector>(Adam, P + start, G + start, m, V + start, count),
                Kind.Sgd => SgdCore<S, TVector>(Sgd, P + start, G + start, m, count),
                _ => LionCore<S, TVector>(Lion, P + start, G + start, m, count),
            };
        }
    }

    /// <summary>What an Adam step needs of its settings, worked out once in double.</summary>
    private readonly struct AdamFactors
    {
        internal AdamFactors(in AdamStep s)
        {
            double correction1 = 1 - Math.Pow(s.Beta1, s.Step);
            double correction2 = 1 - Math.Pow(s.Beta2, s.Step);
            GradientScale = s.GradientScale;
            L2 = s.Decoupled ? 0f : (float)s.WeightDecay;
            Keep = s.Decoupled ? (float)(1 - (s.LearningRate * s.WeightDecay)) : 1f;
            OneLessBeta1 = (float)(1 - s.Beta1);
            Beta2 = (float)s.Beta2;
            OneLessBeta2 = (float)(1 - s.Beta2);
            InverseRootCorrection2 = (float)(1 / Math.Sqrt(correction2));
            Eps = (float)s.Eps;
            Rate = (float)(s.LearningRate / correction1);
        }

        internal float GradientScale { get; }

        internal float L2 { get; }

        internal float Keep { get; }

        internal float OneLessBeta1 { get; }

        internal float Beta2 { get; }

        internal float OneLessBeta2 { get; }

        internal float InverseRootCorrection2 { get; }

        internal float Eps { get; }

        internal float Rate { get; }
    }
}
