namespace Percept.Tensors.Threading;

/// <summary>A piece of parallel work: a struct that runs its items independently of each other.</summary>
/// <remarks>
/// Implementations are structs that live on the caller's stack for the time of the call; their fields are read by
/// several threads at once, so an item writes only to memory that no other item touches. No item may keep the job.
/// </remarks>
public interface IParallelJob
{
    /// <summary>Runs one item.</summary>
    /// <param name="index">The item, from 0 to the count given to <see cref="WorkerPool.Run{TJob}"/> less one.</param>
    void Run(int index);
}
