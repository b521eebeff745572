using System.Collections.Concurrent;

namespace Percept.Media;

/// <summary>Keeps work space between calls, as many as ran at the same time.</summary>
internal sealed class WorkPool<T>(Func<T> create)
    where T : class
{
    private readonly ConcurrentBag<T> _free = [];

    internal T Rent() => _free.TryTake(out T? work) ? work : create();

    internal void Return(T work) => _free.Add(work);
}
