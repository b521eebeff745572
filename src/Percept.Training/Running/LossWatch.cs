namespace Percept.Training;

/// <summary>Finds losses that mean that a run goes wrong: none at all, no number, a jump above the latest ones, or gradients that stay 0.</summary>
public sealed class LossWatch
{
    // Below so many losses nobody knows what is usual.
    private const int Fewest = 16;
    private const int MostStill = 5;
    private const double DeviationOfMedian = 1.4826;

    // Losses that hardly differ, or are hardly there any more, make any small change look large.
    private const double LeastSpread = 0.02;

    private readonly double _jump;
    private readonly bool _mayBeZero;
    private readonly double[] _latest;
    private readonly double[] _sorted;
    private int _count;
    private int _still;

    /// <summary>Makes a watch.</summary>
    /// <param name="recipe">What it looks at.</param>
    /// <param name="mayBeZero">Whether a loss of 0 means that everything is learned, as of a hinge.</param>
    public LossWatch(StopRecipe recipe, bool mayBeZero = false)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        _mayBeZero = mayBeZero;
        _jump = recipe.Jump;
        _latest = new double[recipe.Window];
        _sorted = new double[recipe.Window];
    }

    /// <summary>Looks at the next loss.</summary>
    /// <param name="loss">The loss of a step.</param>
    /// <param name="norm">The norm of its gradients.</param>
    /// <returns>What is wrong; null for nothing.</returns>
    public string? Look(double loss, double norm)
    {
        if (!double.IsFinite(loss))
        {
            return FormattableString.Invariant($"the loss is {loss}");
        }

        if (!double.IsFinite(norm))
        {
            return FormattableString.Invariant($"the norm of the gradients is {norm}");
        }

        if (loss == 0 && !_mayBeZero)
        {
            return "the loss is 0: nothing in the batch was learned";
        }

        _still = norm == 0 && !_mayBeZero ? _still + 1 : 0;
        if (_still >= MostStill)
        {
            return FormattableString.Invariant(
                $"the gradients are 0 for the {_still}th step in a row: nothing is learned any more, as after a learning rate that is far too great");
        }

        int known = Math.Min(_count, _latest.Length);
        if (_jump > 0 && known >= Math.Min(Fewest, _latest.Length))
        {
            double median = Median(known, 0), spread = DeviationOfMedian * Median(known, median, fromMedian: true);
            double score = (loss - median) / Math.Max(spread, LeastSpread * Math.Max(1, Math.Abs(median)));
            if (score > _jump)
            {
                return FormattableString.Invariant(
                    $"the loss is {loss:g5}, {score:f1} deviations above the median {median:g5} of the latest {known}");
            }
        }

        return null;
    }

    /// <summary>Takes the loss of a step that was taken: the next ones are compared with it.</summary>
    /// <param name="loss">The loss, of several updates their mean.</param>
    public void Note(double loss) => _latest[_count++ % _latest.Length] = loss;

    private double Median(int known, double from, bool fromMedian = false)
    {
        for (int i = 0; i < known; i++)
        {
            _sorted[i] = fromMedian ? Math.Abs(_latest[i] - from) : _latest[i];
        }

        Array.Sort(_sorted, 0, known);
        return known % 2 == 1 ? _sorted[known / 2] : 0.5 * (_sorted[(known / 2) - 1] + _sorted[known / 2]);
    }
}
