using Percept.Tensors.Autograd;
using Percept.Tensors.Kernels;
using Percept.Tensors.Kernels.Experts;

namespace Percept.Tensors;

/// <content>Mixtures of experts: choosing, gathering by expert, products, and weighing.</content>
public static partial class Ops
{
    /// <summary>Chooses the experts of each token and their weights. Equal scores go to the lower expert.</summary>
    /// <param name="logits">The router's output, float32 [N, E].</param>
    /// <param name="routing">How to choose and weigh.</param>
    /// <param name="correction">Float32 [E], added to the scores for choosing only; so no gradient reaches it.</param>
    /// <returns>Weights float32 [N, k] and experts I32 [N, k], by falling score for choosing. The gradient reaches the logits
    /// through the weights of chosen experts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">More experts are to be taken than there are in the kept groups.</exception>
    public static unsafe (Tensor Weights, Tensor Experts) MoeRoute(Tensor logits, MoeRouting routing, Tensor? correction = null)
    {
        RequireFloat32(logits, nameof(logits));
        RequireRank(logits, 2, 2, nameof(logits));
        int tokens = logits.Shape[0], experts = logits.Shape[1];
        RouterKernel.Check(routing, experts);
        if (correction is { } added)
        {
            RequireFloat32(added, nameof(correction));
            RequireShape(added, [experts], nameof(correction));
        }

        Tensor weights = Result([tokens, routing.TopK]);
        Tensor chosen = Result([tokens, routing.TopK], DType.I32);
        RouterKernel.Choose(
            logits.Floats, correction is { } c ? c.Floats : null, tokens, experts, routing, weights.Floats, (int*)chosen.Pointer);
        if (Tape.Wants(logits))
        {
            Tape.Record(&MoeRouteGradient, weights, [logits]).Save(chosen).SaveState(routing);
        }

        return (weights, chosen);
    }

    /// <summary>Sorts token places by expert, keeping the order of tokens.</summary>
    /// <param name="experts">I32 [N, k], as <see cref="MoeRoute"/> gives them.</param>
    /// <param name="count">How many experts there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">An expert is not in [0, count).</exception>
    public static unsafe ExpertOrder MoeOrder(Tensor experts, int count)
    {
        RequireType(experts, DType.I32, nameof(experts));
        RequireRank(experts, 2, 2, nameof(experts));
        IndexKernels.RequireRange(experts, count, nameof(experts));
        int places = checked((int)experts.Count);
        Tensor order = Result([places], DType.I32), offsets = Result([count + 1], DType.I32);
        ExpertKernels.Sort((int*)experts.Pointer, places, count, (int*)order.Pointer, (int*)offsets.Pointer);
        return new ExpertOrder(order, offsets, experts.Shape[1]);
    }

    /// <summary>The tokens in the order of their experts, each as often as it has experts.</summary>
    /// <param name="input">Float32 [N, D].</param>
    /// <param name="order">The order.</param>
    /// <returns>Float32 [N·k, D].</returns>
    public static unsafe Tensor ExpertGather(Tensor input, ExpertOrder order)
    {
        RequireFloat32(input, nameof(input));
        RequireRank(input, 2, 2, nameof(input));
        RequirePlaces(order, input.Shape[0]);
        Tensor result = Result([checked((int)order.Places.Count), input.Shape[1]]);
        ExpertKernels.Gather(input.Floats, (int*)order.Places.Pointer, result.Shape[0], order.TopK, input.Shape[1], result.Floats);
        if (Tape.Wants(input))
        {
            Tape.Record(&ExpertGatherGradient, result, [input]).Save(order.Places).SaveNumber(order.TopK);
        }

        return result;
    }

    /// <summary>Each expert's linear layer over its own rows.</summary>
    /// <param name="input">Float32 [M, in], sorted by expert.</param>
    /// <param name="order">The order, with M places.</param>
    /// <param name="weights">One weight [E, out, in] of all experts, or E weights [out, in], of any format.</param>
    /// <param name="precision">How to multiply with weights that are not float32.</param>
    /// <returns>Float32 [M, out].</returns>
    public static unsafe Tensor ExpertLinear(
        Tensor input, ExpertOrder order, ReadOnlySpan<Tensor> weights, LinearPrecision precision = LinearPrecision.Exact)
    {
        RequireFloat32(input, nameof(input));
        RequireRank(input, 2, 2, nameof(input));
        int experts = RequireOffsets(order);
        (int rows, int columns) = RequireExperts(weights, experts);
        RequireShape(input, [checked((int)order.Places.Count), columns], nameof(input));
        Tensor result = Result([input.Shape[0], rows]);
        int* offsets = (int*)order.Offsets.Pointer;
        for (int e = 0; e < experts; e++)
        {
            int m = offsets[e + 1] - offsets[e];
            if (m > 0)
            {
                LinearProduct.Forward(
                    input.Floats + ((long)offsets[e] * columns), m, ExpertWeight(weights, e), weights[0].DType, rows, columns,
                    result.Floats + ((long)offsets[e] * rows), null, precision);
            }
        }

        if (Tape.Wants(input) || Tape.Wants(weights))
        {
            TapeEntry entry = Tape.Record(&ExpertLinearGradient, result, [input]).Save(order.Offsets).SaveNumber((int)precision);
            entry.AddInputs(weights);
        }

        return result;
    }

    /// <summary>Sums each token's expert results, weighed.</summary>
    /// <param name="input">Float32 [N·k, D], sorted by expert.</param>
    /// <param name="weights">Float32 [N, k].</param>
    /// <param name="order">The order.</param>
    /// <returns>Float32 [N, D].</returns>
    public static unsafe Tensor ExpertCombine(Tensor input, Tensor weights, ExpertOrder order)
    {
        RequireFloat32(input, nameof(input));
        RequireFloat32(weights, nameof(weights));
        RequireRank(input, 2, 2, nameof(input));
        RequireRank(weights, 2, 2, nameof(weights));
        RequirePlaces(order, weights.Shape[0]);
        RequireShape(weights, [weights.Shape[0], order.TopK], nameof(weights));
        RequireShape(input, [checked((int)order.Places.Count), input.Shape[1]], nameof(input));
        Tensor result = Result([weights.Shape[0], input.Shape[1]]);
        ExpertKernels.Combine(
            input.Floats, weights.Floats, (int*)order.Places.Pointer, weights.Shape[0], order.TopK, input.Shape[1], result.Floats);
        if (Tape.Wants([input, weights]))
        {
            Tape.Record(&ExpertCombineGradient, result, [input, weights]).Save(order.Places);
        }

        return result;
    }

    /// <summary>
    /// The loss that spreads tokens over experts: E·Σₖ Σₑ f[k, e]·P[e], where f is the share of tokens whose k-th choice is e
    /// and P the mean softmax; f carries no gradient.
    /// </summary>
    /// <param name="logits">Router logits of all layers, one under the other: float32 [L·N, E].</param>
    /// <param name="topK">How many experts each token takes.</param>
    /// <param name="mask">I32, I64, U8 or Bool with N elements, 0 for tokens left out; repeated for each layer.</param>
    public static unsafe Tensor LoadBalancingLoss(Tensor logits, int topK, Tensor? mask = null)
    {
        RequireFloat32(logits, nameof(logits));
        RequireRank(logits, 2, 2, nameof(logits));
        RouterKernel.Check(new MoeRouting(topK), logits.Shape[1]);
        Tensor rows = TokenMask(mask, logits.Shape[0]);
        Tensor shares = Temporary([logits.Shape[1]]), result = Result([]);
        *result.Floats = (float)RouterKernel.Balance(
            logits.Floats, rows.Pointer, logits.Shape[0], logits.Shape[1], topK, shares.Floats);
        if (Tape.Wants(logits))
        {
            Tape.Record(&LoadBalancingGradient, result, [logits]).Save(rows).Save(shares);
        }

        return result;
    }

    /// <summary>The mean over tokens of logsumexp(logits)².</summary>
    /// <param name="logits">Router logits, float32 [N, E].</param>
    public static unsafe Tensor RouterZLoss(Tensor logits)
    {
        RequireFloat32(logits, nameof(logits));
        RequireRank(logits, 2, 2, nameof(logits));
        Tensor result = Result([]);
        *result.Floats = (float)RouterKernel.SquaredNormaliser(logits.Floats, logits.Shape[0], logits.Shape[1], null, 0);
        if (Tape.Wants(logits))
        {
            Tape.Record(&RouterZGradient, result, [logits]);
        }

        return result;
    }

    private static unsafe void MoeRouteGradient(TapeEntry entry)
    {
        Tensor logits = entry.Input(0), gradient = Result(logits.Shape);
        RouterKernel.ChooseGradient(
            logits.Floats, (int*)entry.Saved(0).Pointer, entry.OutputGrad().Floats, logits.Shape[0], logits.Shape[1],
            entry.State<MoeRouting>(), gradient.Floats);
        entry.Add(0, gradient);
    }

    private static unsafe void ExpertGatherGradient(TapeEntry entry)
    {
        Tensor upstream = entry.OutputGrad(), gradient = Result(entry.Input(0).Shape);
        ExpertKernels.Combine(
            upstream.Floats, null, (int*)entry.Saved(0).Pointer, gradient.Shape[0], (int)entry.Number(0), gradient.Shape[1],
            gradient.Floats);
        entry.Add(0, gradient);
    }

    private static unsafe void ExpertLinearGradient(TapeEntry entry)
    {
        Tensor upstream = entry.OutputGrad(), input = entry.Input(0);
        int* offsets = (int*)entry.Saved(0).Pointer;
        int experts = checked((int)entry.Saved(0).Count) - 1, rows = upstream.Shape[1], columns = input.Shape[1];
        var precision = (LinearPrecision)(int)entry.Number(0);
        bool stacked = entry.InputCount == 2 && entry.Input(1).Rank == 3;
        Tensor gradient = entry.Wants(0) ? Result(input.Shape) : default;
        for (int e = 0; e < experts; e++)
        {
            int m = offsets[e + 1] - offsets[e], source = stacked ? 1 : 1 + e;
            Tensor weight = entry.Input(source);
            byte* w = weight.Pointer + (stacked ? e * weight.DType.ByteCount((long)rows * columns) : 0);
            float* y = upstream.Floats + ((long)offsets[e] * rows);
            if (m > 0 && !gradient.IsNone)
            {
                LinearProduct.InputGradient(
                    y, m, w, weight.DType, rows, columns, 0f, gradient.Floats + ((long)offsets[e] * columns), precision);
            }

            if (entry.Wants(source))
            {
                Tensor sum = entry.Accumulator(source, out bool fresh);
                if (fresh)
                {
                    VectorKernels.Fill(sum.Floats, 0f, sum.Count);
                }

                LinearProduct.WeightGradient(
                    y, input.Floats + ((long)offsets[e] * columns), m, rows, columns, 1f,
                    sum.Floats + (stacked ? (long)e * rows * columns : 0), precision);
            }
        }

        if (!gradient.IsNone)
        {
            entry.Add(0, gradient);
        }
    }

    private static unsafe void ExpertCombineGradient(TapeEntry entry)
    {
        Tensor upstream = entry.OutputGrad(), input = entry.Input(0), weights = entry.Input(1);
        Tensor first = entry.Wants(0) ? Result(input.Shape) : default, second = entry.Wants(1) ? Result(weights.Shape) : default;
        ExpertKernels.CombineGradient(
            upstream.Floats, input.Floats, weights.Floats, (int*)entry.Saved(0).Pointer, input.Shape[0], weights.Shape[1],
            input.Shape[1], first.IsNone ? null : first.Floats, second.IsNone ? null : second.Floats);
        if (!first.IsNone)
        {
            entry.Add(0, first);
        }

        if (!second.IsNone)
        {
            entry.Add(1, second);
        }
    }

    private static unsafe void LoadBalancingGradient(TapeEntry entry)
    {
        Tensor logits = entry.Input(0), gradient = Result(logits.Shape);
        RouterKernel.BalanceGradient(
            logits.Floats, entry.Saved(0).Pointer, logits.Shape[0], logits.Shape[1], entry.Saved(1).Floats,
            entry.OutputGrad().Item(), gradient.Floats);
        entry.Add(0, gradient);
    }

    private static unsafe void RouterZGradient(TapeEntry entry)
    {
        Tensor logits = entry.Input(0), gradient = Result(logits.Shape);
        RouterKernel.SquaredNormaliser(
            logits.Floats, logits.Shape[0], logits.Shape[1], gradient.Floats, entry.OutputGrad().Item());
        entry.Add(0, gradient);
    }

    /// <summary>A byte for each row of logits: whether its token counts.</summary>
    private static unsafe Tensor TokenMask(Tensor? mask, int rows)
    {
        Tensor result = Temporary([rows], DType.U8);
        Span<byte> counted = result.Writable<byte>();
        counted.Fill(1);
        if (mask is { } given)
        {
            if (given.DType is not (DType.I32 or DType.I64 or DType.U8 or DType.Bool))
            {
                throw new DTypeException(nameof(mask), "I32, I64, U8 or Bool", given.DType);
            }

            if (given.Count == 0 || rows % given.Count != 0)
            {
                throw ShapeException.ForShape(nameof(mask), given.Shape, $"as many elements as tokens in {rows} rows of logits");
            }

            int width = given.DType.BlockBytes();
            byte* data = given.Pointer;
            for (int i = 0; i < rows; i++)
            {
                counted[i] = new ReadOnlySpan<byte>(data + (i % given.Count * width), width).ContainsAnyExcept((byte)0) ? (byte)1 : (byte)0;
            }
        }

        return result;
    }

    private static void RequirePlaces(ExpertOrder order, int tokens)
    {
        // Anyone can make an order: its numbers are places in memory here.
        RequireType(order.Places, DType.I32, nameof(order));
        RequireShape(order.Places, [checked(tokens * order.TopK)], nameof(order));
        IndexKernels.RequireRange(order.Places, order.Places.Count, nameof(order));
    }

    private static unsafe int RequireOffsets(ExpertOrder order)
    {
        RequireType(order.Offsets, DType.I32, nameof(order));
        RequireRank(order.Offsets, 1, 1, nameof(order));
        int experts = order.Offsets.Shape[0] - 1;
        int* offsets = (int*)order.Offsets.Pointer;
        bool fits = experts > 0 && offsets[0] == 0 && offsets[experts] == order.Places.Count;
        for (int e = 0; e < experts && fits; e++)
        {
            fits = offsets[e] <= offsets[e + 1];
        }

        return fits
            ? experts
            : throw new ArgumentException($"The offsets do not rise from 0 to {order.Places.Count} places.", nameof(order));
    }

    private static (int Rows, int Columns) RequireExperts(ReadOnlySpan<Tensor> weights, int experts)
    {
        if (weights.Length == 1 && weights[0].Rank == 3)
        {
            LinearProduct.RequireWeight(weights[0], nameof(weights));
            if (weights[0].Shape[0] != experts)
            {
                throw ShapeException.ForAxis(nameof(weights), weights[0].Shape, 0, experts);
            }

            return (weights[0].Shape[1], weights[0].Shape[2]);
        }

        if (weights.Length != experts)
        {
            throw new ShapeException(
                $"{weights.Length} weights were given for {experts} experts.", nameof(weights), null, $"{experts}", $"{weights.Length}");
        }

        foreach (Tensor weight in weights)
        {
            LinearProduct.RequireWeight(weight, nameof(weights));
            RequireRank(weight, 2, 2, nameof(weights));
            RequireShape(weight, weights[0].Shape, nameof(weights));
            RequireType(weight, weights[0].DType, nameof(weights));
        }

        return (weights[0].Shape[0], weights[0].Shape[1]);
    }

    private static unsafe byte* ExpertWeight(ReadOnlySpan<Tensor> weights, int expert) =>
        weights.Length == 1 && weights[0].Rank == 3
            ? weights[0].Pointer + (expert * weights[0].DType.ByteCount(weights[0].Shape.CountFrom(1)))
            : weights[expert].Pointer;
}
