using Percept.Data;

namespace Percept.Training;

/// <summary>How far the data of a run have been used.</summary>
/// <param name="Mix">The position in the mix.</param>
/// <param name="Batches">How many micro-batches were used; random numbers of preparation follow from it.</param>
public sealed record FeedPosition(MixPosition Mix, long Batches);
