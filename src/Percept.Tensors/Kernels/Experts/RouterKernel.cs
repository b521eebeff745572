namespace Percept.Tensors.Kernels.Experts;

/// <summary>
/// The router of a mixture of experts: scores, choice, weights, their derivatives, and the router's losses.
/// </summary>
/// <remarks>Plain code in double: a router has tens of experts, beside matrices of millions.</remarks>
internal static unsafe class RouterKernel
{
    private const double Tiny = 1e-20;
    private const int MaximumExperts = 1024;

    /// <summary>Throws unless the settings fit the number of experts.</summary>
    internal static void Check(in MoeRouting routing, int experts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(experts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(experts, MaximumExperts);
        ArgumentOutOfRangeException.ThrowIfLessThan(routing.TopK, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(routing.Groups, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(routing.KeptGroups, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(routing.KeptGroups, routing.Groups);
        if (experts % routing.Groups != 0)
        {
            throw new ArgumentException($"{experts} experts do not make {routing.Groups} groups of equal size.", nameof(routing));
        }

        int available = experts / routing.Groups * routing.KeptGroups;
        if (routing.TopK > available)
        {
            throw new ArgumentOutOfRangeException(
                nameof(routing), routing.TopK, $"{routing.TopK} experts are to be taken of {available} that can be chosen.");
        }
    }

    /// <summary>Writes the experts of each token, by falling score for choosing, and their weights.</summary>
    internal static void Choose(
        float* logits, float* correction, int tokens, int experts, in MoeRouting routing, float* weights, int* chosen)
    {
        double* scores = stackalloc double[experts];
        double* choice = stackalloc double[experts];
        for (int t = 0; t < tokens; t++)
        {
            Scores(logits + ((long)t * experts), experts, routing.Sigmoid, scores);
            for (int e = 0; e < experts; e++)
            {
                choice[e] = scores[e] + (correction is null ? 0 : correction[e]);
            }

            DropGroups(choice, experts, routing);
            int* taken = chosen + ((long)t * routing.TopK);
            float* weight = weights + ((long)t * routing.TopK);
            double sum = 0;
            for (int k = 0; k < routing.TopK; k++)
            {
                int best = Best(choice, experts);
                taken[k] = best;
                choice[best] = double.NegativeInfinity;
                sum += scores[best];
            }

            double factor = routing.Renormalise ? routing.Scale / (sum + Tiny) : routing.Scale;
            for (int k = 0; k < routing.TopK; k++)
            {
                weight[k] = (float)(scores[taken[k]] * factor);
            }
        }
    }

    /// <summary>The derivative by the logits, through the weights of the chosen experts.</summary>
    internal static void ChooseGradient(
        float* logits, int* chosen, float* upstream, int tokens, int experts, in MoeRouting routing, float* gradient)
    {
        double* scores = stackalloc double[experts];
        double* slope = stackalloc double[experts];
        for (int t = 0; t < tokens; t++)
        {
            int* taken = chosen + ((long)t * routing.TopK);
            float* given = upstream + ((long)t * routing.TopK);
            Scores(logits + ((long)t * experts), experts, routing.Sigmoid, scores);
            double sum = 0, mean = 0;
            for (int k = 0; k < routing.TopK; k++)
            {
                sum += scores[taken[k]];
                mean += given[k] * scores[taken[k]];
            }

            new Span<double>(slope, experts).Clear();
            for (int k = 0; k < routing.TopK; k++)
            {
                slope[taken[k]] = routing.Renormalise
                    ? routing.Scale * (given[k] - (mean / (sum + Tiny))) / (sum + Tiny)
                    : (double)routing.Scale * given[k];
            }

            double total = 0;
            for (int e = 0; e < experts; e++)
            {
                total += slope[e] * scores[e];
            }

            float* result = gradient + ((long)t * experts);
            for (int e = 0; e < experts; e++)
            {
                result[e] = (float)(scores[e] * (routing.Sigmoid ? slope[e] * (1 - scores[e]) : slope[e] - total));
            }
        }
    }

    /// <summary>The load-balancing loss; writes E·Σₖ f[k, e] / (tokens that count), what its derivative by softmax values is.</summary>
    internal static double Balance(float* logits, byte* counted, int rows, int experts, int topK, float* slopes)
    {
        double* scores = stackalloc double[experts];
        double* means = stackalloc double[experts];
        double* shares = stackalloc double[experts];
        new Span<double>(means, experts).Clear();
        new Span<double>(shares, experts).Clear();
        long tokens = 0;
        for (int r = 0; r < rows; r++)
        {
            if (counted[r] == 0)
            {
                continue;
            }

            tokens++;
            Scores(logits + ((long)r * experts), experts, false, scores);
            for (int e = 0; e < experts; e++)
            {
                means[e] += scores[e];
            }

            for (int k = 0; k < topK; k++)
            {
                int best = Best(scores, experts);
                shares[best]++;
                scores[best] = double.NegativeInfinity;
            }
        }

        double loss = 0;
        for (int e = 0; e < experts; e++)
        {
            loss += experts * (shares[e] / tokens) * (means[e] / tokens);
            slopes[e] = (float)(experts * (shares[e] / tokens) / tokens);
        }

        return loss;
    }

    /// <summary>The derivative of <see cref="Balance"/> by the logits.</summary>
    internal static void BalanceGradient(
        float* logits, byte* counted, int rows, int experts, float* slopes, float upstream, float* gradient)
    {
        double* scores = stackalloc double[experts];
        for (int r = 0; r < rows; r++)
        {
            float* result = gradient + ((long)r * experts);
            Scores(logits + ((long)r * experts), experts, false, scores);
            double total = 0;
            for (int e = 0; e < experts; e++)
            {
                total += slopes[e] * scores[e];
            }

            for (int e = 0; e < experts; e++)
            {
                result[e] = counted[r] == 0 ? 0f : (float)(upstream * scores[e] * (slopes[e] - total));
            }
        }
    }

    /// <summary>The mean of logsumexp²; writes its derivative times <paramref name="upstream"/> unless null.</summary>
    internal static double SquaredNormaliser(float* logits, int rows, int experts, float* gradient, float upstream)
    {
        double sum = 0;
        for (int r = 0; r < rows; r++)
        {
            var row = new ReadOnlySpan<float>(logits + ((long)r * experts), experts);
            double max = double.NegativeInfinity, total = 0;
            foreach (float value in row)
            {
                max = Math.Max(max, value);
            }

            foreach (float value in row)
            {
                total += Math.Exp(value - max);
            }

            double normaliser = max + Math.Log(total);
            sum += normaliser * normaliser;
            for (int e = 0; gradient != null && e < experts; e++)
            {
                gradient[((long)r * experts) + e] = (float)(upstream * 2 * normaliser * Math.Exp(row[e] - normaliser) / rows);
            }
        }

        return sum / rows;
    }

    private static void Scores(float* logits, int experts, bool sigmoid, double* scores)
    {
        double max = double.NegativeInfinity, sum = 0;
        for (int e = 0; e < experts; e++)
        {
            max = Math.Max(max, logits[e]);
        }

        for (int e = 0; e < experts; e++)
        {
            scores[e] = sigmoid ? 1 / (1 + Math.Exp(-logits[e])) : Math.Exp(logits[e] - max);
            sum += scores[e];
        }

        for (int e = 0; !sigmoid && e < experts; e++)
        {
            scores[e] /= sum;
        }
    }

    private static int Best(double* values, int count)
    {
        int best = 0;
        for (int i = 1; i < count; i++)
        {
            // A NaN wins, so that it shows.
            if (values[i] > values[best] || (double.IsNaN(values[i]) && !double.IsNaN(values[best])))
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Sets the scores of experts outside the best groups to −∞.</summary>
    private static void DropGroups(double* choice, int experts, in MoeRouting routing)
    {
        if (routing.KeptGroups == routing.Groups)
        {
            return;
        }

        int size = experts / routing.Groups;
        Span<double> ranks = stackalloc double[routing.Groups];
        for (int g = 0; g < routing.Groups; g++)
        {
            double first = double.NegativeInfinity, second = double.NegativeInfinity;
            for (int e = g * size; e < (g + 1) * size; e++)
            {
                if (choice[e] > first)
                {
                    (first, second) = (choice[e], first);
                }
                else if (choice[e] > second)
                {
                    second = choice[e];
                }
            }

            ranks[g] = routing.GroupsByTopTwo && size > 1 ? first + second : first;
        }

        Span<bool> kept = stackalloc bool[routing.Groups];
        fixed (double* values = ranks)
        {
            for (int k = 0; k < routing.KeptGroups; k++)
            {
                int best = Best(values, routing.Groups);
                kept[best] = true;
                values[best] = double.NegativeInfinity;
            }
        }

        for (int e = 0; e < experts; e++)
        {
            if (!kept[e / size])
            {
                choice[e] = double.NegativeInfinity;
            }
        }
    }
}
