using Percept.Tensors;
using Percept.Tensors.Autograd;

namespace Percept.Training;

/// <summary>Gives every target its own prediction so that the sum of costs is least.</summary>
public static class HungarianMatcher
{
    private const float Eps = 1e-8f;

    /// <summary>What each prediction costs for each target.</summary>
    /// <param name="logits">Float32 [Q, C].</param>
    /// <param name="boxes">Float32 [Q, 4].</param>
    /// <param name="targetClasses">I32 or I64 [T].</param>
    /// <param name="targetBoxes">Float32 [T, 4].</param>
    /// <param name="costs">The weights; Deformable DETR's when left out.</param>
    /// <returns>Float32 [Q, T], without a gradient.</returns>
    public static Tensor Cost(
        Tensor logits, Tensor boxes, Tensor targetClasses, Tensor targetBoxes, MatchingCosts? costs = null)
    {
        costs ??= new MatchingCosts();
        Dims.Match(logits, "q c").And(boxes, "q 4").And(targetClasses, "t").And(targetBoxes, "t 4");
        using GradientSwitch off = Gradients.Off();
        Tensor kind = Ops.IndexSelect(ClassCost(logits, costs), targetClasses, 1);
        Tensor distance = Ops.PairDistances(boxes, targetBoxes, 1f);
        Tensor overlap = DetectionLosses.GiouMatrix(boxes, targetBoxes, costs.Format);
        return Ops.Subtract(
            Ops.Add(Ops.Scale(distance, costs.L1), Ops.Scale(kind, costs.Class)), Ops.Scale(overlap, costs.Giou));
    }

    /// <summary>
    /// The pairs of least total cost, as many as the shorter side has (Kuhn, 1955; Jonker and Volgenant, 1987).
    /// </summary>
    /// <param name="cost">Finite float32 [Q, T].</param>
    /// <returns>Pairs of a row and a column, rows ascending.</returns>
    /// <exception cref="ArgumentException">A cost is not finite.</exception>
    public static (int[] Rows, int[] Columns) Match(Tensor cost)
    {
        Dims dims = Dims.Match(cost, "q t");
        int rows = dims["q"], columns = dims["t"];
        ReadOnlySpan<float> values = cost.Span<float>();
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"A cost is {value}, expected finite numbers: predictions or targets are broken."),
                    nameof(cost));
            }
        }

        // The assignment walks over the shorter side.
        bool turned = rows > columns;
        int[] partners = turned ? Assign(values, columns, rows, 1, columns) : Assign(values, rows, columns, columns, 1);
        (int Row, int Column)[] pairs =
        [
            .. partners.Select((other, own) => turned ? (Row: other, Column: own) : (Row: own, Column: other)).Order(),
        ];
        return ([.. pairs.Select(pair => pair.Row)], [.. pairs.Select(pair => pair.Column)]);
    }

    private static Tensor ClassCost(Tensor logits, MatchingCosts costs)
    {
        if (costs.Alpha is not { } alpha)
        {
            return Ops.Negate(Ops.Softmax(logits));
        }

        Tensor p = Ops.Sigmoid(logits), q = Ops.Affine(p, -1f, 1f);
        Tensor negative = Ops.Multiply(Ops.Power(p, costs.Gamma), Ops.Log(Ops.Add(q, Eps)));
        Tensor positive = Ops.Multiply(Ops.Power(q, costs.Gamma), Ops.Log(Ops.Add(p, Eps)));
        return Ops.Subtract(Ops.Scale(negative, 1 - alpha), Ops.Scale(positive, alpha));
    }

    /// <summary>
    /// Assigns each of n agents its own of m ≥ n tasks: one shortest augmenting path for each agent, in O(n²·m), with
    /// potentials that keep reduced costs from being negative.
    /// </summary>
    private static int[] Assign(ReadOnlySpan<float> cost, int n, int m, int agentStride, int taskStride)
    {
        var agentPotential = new double[n + 1];
        var taskPotential = new double[m + 1];
        var agentOf = new int[m + 1];
        var before = new int[m + 1];
        var least = new double[m + 1];
        var seen = new bool[m + 1];
        for (int agent = 1; agent <= n; agent++)
        {
            // Task 0 stands for "none": the path begins there and ends at a free task.
            agentOf[0] = agent;
            Array.Fill(least, double.PositiveInfinity);
            Array.Clear(seen);
            int task = 0;
            do
            {
                seen[task] = true;
                int owner = agentOf[task], next = 0;
                double step = double.PositiveInfinity;
                for (int j = 1; j <= m; j++)
                {
                    if (seen[j])
                    {
                        continue;
                    }

                    double reduced = cost[((owner - 1) * agentStride) + ((j - 1) * taskStride)] - agentPotential[owner]
                        - taskPotential[j];
                    if (reduced < least[j])
                    {
                        (least[j], before[j]) = (reduced, task);
                    }

                    if (least[j] < step)
                    {
                        (step, next) = (least[j], j);
                    }
                }

                for (int j = 0; j <= m; j++)
                {
                    if (seen[j])
                    {
                        agentPotential[agentOf[j]] += step;
                        taskPotential[j] -= step;
                    }
                    else
                    {
                        least[j] -= step;
                    }
                }

                task = next;
            }
            while (agentOf[task] != 0);

            for (; task != 0; task = before[task])
            {
                agentOf[task] = agentOf[before[task]];
            }
        }

        var partners = new int[n];
        for (int j = 1; j <= m; j++)
        {
            if (agentOf[j] != 0)
            {
                partners[agentOf[j] - 1] = j - 1;
            }
        }

        return partners;
    }
}
