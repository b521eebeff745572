using System.Runtime.InteropServices;
using System.Text;

namespace Percept.Training;

/// <summary>
/// The few functions of an installed MPI library that are needed, found by name when one is opened. Only bytes are moved; all
/// arithmetic is Percept's own.
/// </summary>
/// <remarks>
/// Handles differ between libraries: Open MPI's are the addresses of exported symbols, those of MPICH and its relatives (Intel MPI,
/// MVAPICH) are numbers that their common binary interface fixes.
/// </remarks>
internal sealed unsafe class MpiLibrary
{
    private const int Serialized = 2;
    private const int MostErrorText = 512;
    private const int MostVersionText = 8192;

    private static readonly string[] s_openMpi = OperatingSystem.IsMacOS()
        ? ["libmpi.40.dylib", "libmpi.dylib"]
        : ["libmpi.so.40", "libmpi.so.20", "libmpi.so.12", "libmpi.so"];

    private static readonly string[] s_mpich = OperatingSystem.IsMacOS()
        ? ["libmpi.12.dylib", "libmpich.12.dylib", "libmpi.dylib"]
        : ["libmpich.so.12", "libmpi.so.12", "libmpich.so", "libmpi.so"];

    private readonly nint _library;
    private readonly nint _world;
    private readonly nint _byte;
    private readonly delegate* unmanaged[Cdecl]<int, byte*, int*, int> _errorText;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, nint, int> _allToAll;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, nint, int> _allGather;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int> _broadcast;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _barrier;

    private MpiLibrary(nint library, string name)
    {
        _library = library;
        Name = name;
        nint errorsReturn;
        if (NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _world))
        {
            _byte = Export("ompi_mpi_byte");
            errorsReturn = Export("ompi_mpi_errors_return");
        }
        else if (Version() is { } version && IsMpich(version))
        {
            (_world, _byte, errorsReturn) = (0x44000000, 0x4c00010d, 0x54000001);
        }
        else
        {
            throw new NotSupportedException(
                $"The MPI library '{name}' is neither Open MPI nor of MPICH's family. Use Open MPI (Debian: openmpi-bin).");
        }

        _errorText = (delegate* unmanaged[Cdecl]<int, byte*, int*, int>)Export("MPI_Error_string");
        _allToAll = (delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, nint, int>)Export("MPI_Alltoall");
        _allGather = (delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, nint, int>)Export("MPI_Allgather");
        _broadcast = (delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int>)Export("MPI_Bcast");
        _barrier = (delegate* unmanaged[Cdecl]<nint, int>)Export("MPI_Barrier");
        Start(errorsReturn);
        Rank = Number("MPI_Comm_rank");
        Size = Number("MPI_Comm_size");
    }

    /// <summary>The library's file, as it was found.</summary>
    internal string Name { get; }

    /// <summary>The number of this process.</summary>
    internal int Rank { get; }

    /// <summary>How many processes there are.</summary>
    internal int Size { get; }

    /// <summary>Opens the library of the launcher that has started this process, and starts MPI.</summary>
    /// <param name="launch">What the launcher says of itself; null for none.</param>
    /// <exception cref="NotSupportedException">There is no library, or one of an unknown kind.</exception>
    /// <exception cref="IOException">MPI does not start.</exception>
    internal static MpiLibrary Open(MpiLaunch? launch)
    {
        string[] names = [.. (launch?.IsOpenMpi == false ? s_mpich.Concat(s_openMpi) : s_openMpi.Concat(s_mpich)).Distinct()];
        foreach (string name in names)
        {
            if (!NativeLibrary.TryLoad(name, out nint library))
            {
                continue;
            }

            // With both installed, only the launcher's own library knows of the other processes.
            bool isOpen = NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _);
            if (launch?.IsOpenMpi is not { } wanted || wanted == isOpen)
            {
                return new MpiLibrary(library, name);
            }

            NativeLibrary.Free(library);
        }

        string kind = launch?.IsOpenMpi switch { true => "Open MPI", false => "MPICH", null => "MPI" };
        throw new NotSupportedException(
            $"There is no library of {kind} (looked for {string.Join(", ", names)}). Install it (Debian: openmpi-bin), or start the " +
            "program without mpirun.");
    }

    /// <summary>Gives the i-th piece of what this rank sends to rank i, and takes one of each.</summary>
    internal void AllToAll(byte* send, byte* receive, int bytesEach) =>
        Check(_allToAll(send, bytesEach, _byte, receive, bytesEach, _byte, _world), "MPI_Alltoall");

    /// <summary>Gives a piece to all ranks, and takes one of each.</summary>
    internal void AllGather(byte* send, byte* receive, int bytesEach) =>
        Check(_allGather(send, bytesEach, _byte, receive, bytesEach, _byte, _world), "MPI_Allgather");

    /// <summary>Gives one rank's bytes to all.</summary>
    internal void Broadcast(byte* bytes, int count, int root) => Check(_broadcast(bytes, count, _byte, root, _world), "MPI_Bcast");

    /// <summary>Waits for all ranks.</summary>
    internal void Barrier() => Check(_barrier(_world), "MPI_Barrier");

    /// <summary>Ends MPI in this process.</summary>
    internal void Finish() => Check(((delegate* unmanaged[Cdecl]<int>)Export("MPI_Finalize"))(), "MPI_Finalize");

    /// <summary>Whether a library's description is one of MPICH's family, whose handles are fixed numbers.</summary>
    private static bool IsMpich(string version) => version.Contains("MPICH", StringComparison.OrdinalIgnoreCase)
        || version.Contains("MVAPICH", StringComparison.OrdinalIgnoreCase)
        || version.Contains("Intel(R) MPI", StringComparison.OrdinalIgnoreCase);

    private void Start(nint errorsReturn)
    {
        int running = 0;
        Check(((delegate* unmanaged[Cdecl]<int*, int>)Export("MPI_Initialized"))(&running), "MPI_Initialized");
        if (running != 0)
        {
            throw new InvalidOperationException("MPI runs in this process already; open one communicator, and keep it.");
        }

        int provided = 0;
        Check(
            ((delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int>)Export("MPI_Init_thread"))(null, null, Serialized, &provided),
            "MPI_Init_thread");
        if (provided < Serialized)
        {
            throw new NotSupportedException(
                $"The MPI library '{Name}' was built without threads (level {provided}, needed {Serialized}). Use one that was built with them.");
        }

        Check(
            ((delegate* unmanaged[Cdecl]<nint, nint, int>)Export("MPI_Comm_set_errhandler"))(_world, errorsReturn),
            "MPI_Comm_set_errhandler");
    }

    private int Number(string function)
    {
        int value = 0;
        Check(((delegate* unmanaged[Cdecl]<nint, int*, int>)Export(function))(_world, &value), function);
        return value;
    }

    private string? Version()
    {
        if (!NativeLibrary.TryGetExport(_library, "MPI_Get_library_version", out nint function))
        {
            return null;
        }

        byte[] text = new byte[MostVersionText];
        int length = 0;
        fixed (byte* start = text)
        {
            _ = ((delegate* unmanaged[Cdecl]<byte*, int*, int>)function)(start, &length);
        }

        return Encoding.UTF8.GetString(text, 0, Math.Clamp(length, 0, text.Length));
    }

    private nint Export(string name) => NativeLibrary.TryGetExport(_library, name, out nint address)
        ? address
        : throw new NotSupportedException($"The MPI library '{Name}' has no '{name}'. Use Open MPI 3 or later, or MPICH 3.2 or later.");

    private void Check(int code, string function)
    {
        if (code == 0)
        {
            return;
        }

        byte* text = stackalloc byte[MostErrorText];
        int length = 0;
        bool told = _errorText != null && _errorText(code, text, &length) == 0;
        throw new IOException(
            $"{function} failed with code {code}{(told ? $": {Encoding.UTF8.GetString(text, Math.Clamp(length, 0, MostErrorText))}" : "")}. " +
            "Another process of the run may have ended; look at what it printed.");
    }
}
