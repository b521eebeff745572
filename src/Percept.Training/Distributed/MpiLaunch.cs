using System.Globalization;

namespace Percept.Training;

/// <summary>What the launcher of a parallel program says of itself in the environment.</summary>
/// <param name="IsOpenMpi">Whether it is Open MPI's; false for those of MPICH's family; null where that is not told.</param>
/// <param name="Size">How many processes it started; null where that is not told.</param>
internal sealed record MpiLaunch(bool? IsOpenMpi, int? Size)
{
    /// <summary>Reads the environment; null where no launcher has started this process.</summary>
    internal static MpiLaunch? Read() => Read(Environment.GetEnvironmentVariable);

    /// <summary>Reads variables by name; null where no launcher has set them.</summary>
    internal static MpiLaunch? Read(Func<string, string?> variable)
    {
        // Open MPI's mpirun, then MPICH's and Intel's, then launchers of batch systems that speak PMIx.
        if (Number("OMPI_COMM_WORLD_SIZE") is { } open)
        {
            return new MpiLaunch(true, open);
        }

        return Number("PMI_SIZE") is { } size ? new MpiLaunch(false, size)
            : Number("PMIX_RANK") is not null ? new MpiLaunch(null, null)
            : null;

        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
    }
}
