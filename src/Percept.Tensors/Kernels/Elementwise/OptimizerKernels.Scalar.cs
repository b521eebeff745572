namespace Percept.Tensors.Kernels;

// The plain twins of the optimizer kernels, in double.
internal static unsafe partial class OptimizerKernels
{
    /// <summary>The plain twin of <see cref="Adam"/>.</summary>
    internal static void AdamScalar(in AdamStep s, float* p, float* g, float* m, float* v, long count)
    {
        for (long i = 0; i < count; i++)
        {
            double parameter = p[i];
            double gradient = (double)g[i] * s.GradientScale;
            if (s.Decoupled)
            {
                parameter *= 1 - (s.LearningRate * s.WeightDecay);
            }
            else
            {
                gradient += s.WeightDecay * parameter;
            }

            double first = (s.Beta1 * m[i]) + ((1 - s.Beta1) * gradient);
            double second = (s.Beta2 * v[i]) + ((1 - s.Beta2) * gradient * gradient);
            double corrected1 = first / (1 - Math.Pow(s.Beta1, s.Step));
            double corrected2 = second / (1 - Math.Pow(s.Beta2, s.Step));
            m[i] = (float)first;
            v[i] = (float)second;
            p[i] = (float)(parameter - (s.LearningRate * corrected1 / (Math.Sqrt(corrected2) + s.Eps)));
        }
    }

    /// <summary>The plain twin of <see cref="Sgd"/>.</summary>
    internal static void SgdScalar(in SgdStep s, float* p, float* g, float* buffer, long count)
    {
        for (long i = 0; i < count; i++)
        {
            double step = ((double)g[i] * s.GradientScale) + ((double)s.WeightDecay * p[i]);
            if (buffer != null)
            {
                double b = s.First ? step : ((double)s.Momentum * buffer[i]) + ((1.0 - s.Dampening) * step);
                buffer[i] = (float)b;
                step = s.Nesterov ? step + (s.Momentum * b) : b;
            }

            p[i] = (float)(p[i] - (s.LearningRate * step));
        }
    }

    /// <summary>The plain twin of <see cref="Lion"/>.</summary>
    internal static void LionScalar(in LionStep s, float* p, float* g, float* m, long count)
    {
        for (long i = 0; i < count; i++)
        {
            double gradient = (double)g[i] * s.GradientScale;
            double direction = Math.Sign((s.Beta1 * (double)m[i]) + ((1.0 - s.Beta1) * gradient));
            p[i] = (float)((p[i] * (1 - ((double)s.LearningRate * s.WeightDecay))) - (s.LearningRate * direction));
            m[i] = (float)((s.Beta2 * (double)m[i]) + ((1.0 - s.Beta2) * gradient));
        }
    }
}
