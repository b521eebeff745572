using Percept.Data;

namespace Percept.Training;

/// <summary>A text of which some tokens are hidden.</summary>
public sealed class MaskedTextItem : TrainingItem
{
    /// <summary>Makes an item.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="ids">The ids as the model sees them.</param>
    /// <param name="places">The places whose tokens are to be guessed, in order; at least one.</param>
    /// <param name="targets">What stood there.</param>
    public MaskedTextItem(DatasetSample sample, IReadOnlyList<int> ids, IReadOnlyList<int> places, IReadOnlyList<int> targets)
        : base(sample)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(places);
        Ids = ids;
        Places = places;
        Targets = targets;
    }

    /// <summary>The ids as the model sees them.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>The places whose tokens are to be guessed.</summary>
    public IReadOnlyList<int> Places { get; }

    /// <summary>What stood there.</summary>
    public IReadOnlyList<int> Targets { get; }

    /// <inheritdoc/>
    public override int Rows => Ids.Count;

    /// <inheritdoc/>
    public override double Weight => Places.Count;

    /// <inheritdoc/>
    public override bool HasMedia => false;

    /// <inheritdoc/>
    public override void Dispose()
    {
    }
}
