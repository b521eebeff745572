namespace Percept.Data;

/// <summary>A sample could not be prepared; names it, and carries the reason.</summary>
/// <param name="item">The sample's name.</param>
/// <param name="reason">What went wrong.</param>
public sealed class PreparationException(string item, Exception reason)
    : Exception($"{item} could not be prepared: {reason.Message}", reason)
{
    /// <summary>The sample's name.</summary>
    public string Item { get; } = item;
}
