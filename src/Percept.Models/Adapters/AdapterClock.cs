namespace Percept.Models;

/// <summary>Tells an adapter's dropout which step it is; without steps nothing is dropped.</summary>
internal sealed class AdapterClock
{
    /// <summary>Whether a step has begun.</summary>
    internal bool Runs { get; private set; }

    /// <summary>The step.</summary>
    internal ulong Step { get; private set; }

    /// <summary>Begins a step; null ends training.</summary>
    internal void Set(ulong? step)
    {
        Runs = step is not null;
        Step = step ?? 0;
    }
}
