using System.Diagnostics;
using System.Globalization;
using System.Text;
using Percept.Checkpoints;

namespace Percept.Training;

/// <summary>The folder of a run: <c>recipe.yaml</c>, <c>log.jsonl</c>, <c>report.html</c>, <c>checkpoints/step-N</c>, <c>model</c>.</summary>
/// <remarks>
/// A checkpoint is written beside its place and moved there once it is whole, so every folder <c>step-N</c> can be resumed from.
/// </remarks>
public sealed class RunFolder
{
    private const string Step = "step-";
    private const string Old = ".old";

    private static readonly TimeSpan s_mostWaited = TimeSpan.FromSeconds(2);

    /// <summary>Names a folder; nothing is made yet.</summary>
    /// <param name="path">The folder.</param>
    public RunFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Root = Path.GetFullPath(path);
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The resolved recipe.</summary>
    public string Recipe => Path.Combine(Root, "recipe.yaml");

    /// <summary>One line of JSON a step.</summary>
    public string Log => Path.Combine(Root, "log.jsonl");

    /// <summary>What the model answered to the samples that are looked at, one line of JSON each.</summary>
    public string Answers => Path.Combine(Root, "answers.jsonl");

    /// <summary>The report.</summary>
    public string Report => Path.Combine(Root, "report.html");

    /// <summary>The plan.</summary>
    public string Plan => Path.Combine(Root, "plan.txt");

    /// <summary>The model made from nothing.</summary>
    public string InitialModel => Path.Combine(Root, "initial");

    /// <summary>The trained model, once the run has ended.</summary>
    public string Model => Path.Combine(Root, "model");

    /// <summary>The folder of checkpoints.</summary>
    public string Checkpoints => Path.Combine(Root, "checkpoints");

    private string Lock => Path.Combine(Root, ".lock");

    private string Pointer => Path.Combine(Checkpoints, "latest");

    /// <summary>The run that a checkpoint lies in.</summary>
    /// <param name="checkpoint">The checkpoint's folder.</param>
    /// <exception cref="FileNotFoundException">It lies in no run.</exception>
    public static RunFolder Around(string checkpoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(checkpoint));
        string? root = Path.GetDirectoryName(Path.GetDirectoryName(full));
        return root is not null && new RunFolder(root) is var run && File.Exists(run.Recipe) && Path.GetDirectoryName(full) == run.Checkpoints
            ? run
            : throw new FileNotFoundException(
                $"The checkpoint '{full}' lies in no run's folder. Name a new folder for what follows with --out.", full);
    }

    /// <summary>Keeps other processes from training in the folder until what is given back is disposed; a killed process holds nothing.</summary>
    /// <exception cref="IOException">Another process trains in it.</exception>
    public IDisposable Hold()
    {
        Directory.CreateDirectory(Root);
        var since = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException error) when (File.Exists(Lock))
            {
                // A process that was just killed may not be gone yet.
                if (since.Elapsed > s_mostWaited)
                {
                    throw new IOException($"Another process trains in '{Root}'. Wait for its end, stop it, or name another folder.", error);
                }

                Thread.Sleep(50);
            }
        }
    }

    /// <summary>The newest checkpoint; null where there is none.</summary>
    public string? Latest()
    {
        if (File.Exists(Pointer) && Path.Combine(Checkpoints, File.ReadAllText(Pointer).Trim()) is var named && Directory.Exists(named))
        {
            return named;
        }

        return Steps().OrderByDescending(pair => pair.Step).Select(pair => pair.Folder).FirstOrDefault();
    }

    /// <summary>Writes a checkpoint, as a whole or not at all, and takes the oldest away. One that is there already is whole, and stays.</summary>
    /// <param name="step">How many steps are done.</param>
    /// <param name="keep">How many stay.</param>
    /// <param name="inUse">A folder that stays besides; null for none.</param>
    /// <param name="content">Writes into the folder that it is given.</param>
    /// <returns>The checkpoint's folder.</returns>
    public string WriteCheckpoint(int step, int keep, string? inUse, Action<string> content)
    {
        string name = Step + step.ToString(CultureInfo.InvariantCulture);
        string folder = Path.Combine(Checkpoints, name);
        if (!Directory.Exists(folder))
        {
            WriteFolder(folder, content);
        }

        AtomicFile.Write(Pointer, stream => stream.Write(Encoding.UTF8.GetBytes(name)));
        foreach ((_, string old) in Steps().OrderByDescending(pair => pair.Step).Skip(keep))
        {
            if (inUse is null || !Path.GetFullPath(old).Equals(Path.GetFullPath(inUse), StringComparison.Ordinal))
            {
                Directory.Delete(old, recursive: true);
            }
        }

        return folder;
    }

    /// <summary>Writes a folder as a whole or not at all.</summary>
    /// <param name="folder">The folder; one that exists is replaced.</param>
    /// <param name="content">Writes into the folder that it is given.</param>
    public static void WriteFolder(string folder, Action<string> content)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(content);
        string beside = Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetFileName(folder)}.{Guid.NewGuid():n}");
        Directory.CreateDirectory(beside);
        try
        {
            content(beside);
            if (Directory.Exists(folder))
            {
                // The old one is moved away first: at no moment is there half a folder under the name.
                string old = beside + Old;
                Directory.Move(folder, old);
                Directory.Move(beside, folder);
                Directory.Delete(old, recursive: true);
            }
            else
            {
                Directory.Move(beside, folder);
            }
        }
        catch
        {
            if (Directory.Exists(beside))
            {
                Directory.Delete(beside, recursive: true);
            }

            throw;
        }
    }

    /// <summary>Takes away what a killed process left half written.</summary>
    public void Clean()
    {
        foreach (string folder in new[] { Root, Checkpoints }.Where(Directory.Exists))
        {
            foreach (string left in Directory.EnumerateDirectories(folder, ".*").Where(IsLeft).ToArray())
            {
                // A folder that was being replaced goes back to its place where the new one had not come there.
                string place = Path.Combine(folder, Path.GetFileName(left).Split('.')[1]);
                if (left.EndsWith(Old, StringComparison.Ordinal) && !Directory.Exists(place))
                {
                    Directory.Move(left, place);
                }
                else
                {
                    Directory.Delete(left, recursive: true);
                }
            }
        }
    }

    private static bool IsLeft(string folder)
    {
        string name = Path.GetFileName(folder);
        return name.StartsWith("." + Step, StringComparison.Ordinal) || name.StartsWith(".model.", StringComparison.Ordinal)
            || name.StartsWith(".initial.", StringComparison.Ordinal);
    }

    private IEnumerable<(int Step, string Folder)> Steps() => !Directory.Exists(Checkpoints) ? [] : Directory
        .EnumerateDirectories(Checkpoints, Step + "*").ToArray()
        .Select(folder => (NumberOf(folder), folder))
        .Where(pair => pair.Item1 >= 0);

    private static int NumberOf(string folder) =>
        int.TryParse(Path.GetFileName(folder)[Step.Length..], CultureInfo.InvariantCulture, out int step) ? step : -1;
}
