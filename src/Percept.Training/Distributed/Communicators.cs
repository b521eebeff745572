namespace Percept.Training;

/// <summary>Finds out whether this process is one of several that train together.</summary>
public static class Communicators
{
    /// <summary>
    /// The ranks that this process was started among: those of <c>mpirun -n N …</c>, or itself alone. MPI's library is looked for only
    /// where a launcher has started the process.
    /// </summary>
    /// <exception cref="NotSupportedException">A launcher has started it, and there is no MPI library, or one that is not known.</exception>
    /// <exception cref="IOException">MPI does not start.</exception>
    public static ICommunicator Open() => MpiLaunch.Read() is null ? SingleProcess.Instance : MpiCommunicator.Open();
}
