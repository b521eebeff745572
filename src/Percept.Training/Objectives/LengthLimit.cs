namespace Percept.Training;

/// <summary>What becomes of samples that are longer than the recipe or the model allows.</summary>
internal sealed class LengthLimit
{
    private readonly int _most;
    private readonly bool _skips;
    private readonly string _by;

    internal LengthLimit(TrainedModel model, LossRecipe loss)
        : this(model.NeedLanguage().MaximumPositions - (model.Adapter?.Prompt?.Tokens ?? 0), loss)
    {
    }

    internal LengthLimit(int positions, LossRecipe loss)
    {
        _most = Math.Min(loss.MostTokens, positions);
        _by = loss.MostTokens <= positions ? "loss.max_tokens" : "the model's positions";
        _skips = loss.SkipsLong;
    }

    /// <summary>The most tokens of a sequence.</summary>
    internal int Most => _most;

    /// <summary>The item; null for one that is too long and is skipped.</summary>
    /// <param name="item">The item; disposed where it is not kept.</param>
    /// <param name="tokens">Tokens of its longest sequence.</param>
    /// <exception cref="InvalidDataException">It is too long and may not be skipped.</exception>
    internal TrainingItem? Keep(TrainingItem item, int tokens)
    {
        if (tokens <= _most)
        {
            return item;
        }

        item.Dispose();
        return _skips ? null : throw new InvalidDataException(
            $"{item.Sample} has {tokens} tokens, more than the {_most} that {_by} allows. Set loss.too_long to skip, or raise the limit.");
    }
}
