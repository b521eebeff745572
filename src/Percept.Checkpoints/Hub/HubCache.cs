using System.IO.Enumeration;

namespace Percept.Checkpoints;

/// <summary>
/// The folder in which the hub's tools keep what they loaded: <c>models--org--name</c> with <c>refs</c> (branch → commit),
/// <c>snapshots</c> (commit → files) and <c>blobs</c> (content by hash). Shared with those tools.
/// </summary>
public sealed class HubCache
{
    internal const string Unfinished = ".incomplete";

    private const string Prefix = "models--";
    private const string Separator = "--";
    private const int MaxNote = 128;

    /// <summary>Takes a folder.</summary>
    /// <param name="folder">The folder; it need not exist.</param>
    public HubCache(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = folder;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The folder of a state of a repository; null when the cache does not have it.</summary>
    /// <param name="repository">The repository, <c>org/name</c>.</param>
    /// <param name="revision">A branch, tag or commit; null for <c>main</c>.</param>
    /// <exception cref="InvalidDataException">The cache's own notes are damaged.</exception>
    public string? FindSnapshot(string repository, string? revision = null)
    {
        string root = RepositoryFolder(repository);
        string? commit = Commit(root, revision ?? "main");
        string? folder = commit is null ? null : Path.Combine(root, "snapshots", commit);
        return folder is not null && Directory.Exists(folder) ? folder : null;
    }

    /// <summary>The branches, tags and commits of a repository that the cache has.</summary>
    /// <param name="repository">The repository, <c>org/name</c>.</param>
    public IReadOnlyList<string> Revisions(string repository) =>
        [.. ListRepository(RepositoryFolder(repository), repository).SelectMany(snapshot => snapshot.Revisions.Append(snapshot.Commit))];

    /// <summary>All that the cache has, by name.</summary>
    public IReadOnlyList<CachedSnapshot> List()
    {
        if (!Directory.Exists(Folder))
        {
            return [];
        }

        return
        [
            .. Directory.EnumerateDirectories(Folder, Prefix + "*")
                .Select(folder => (Folder: folder, Name: Path.GetFileName(folder)[Prefix.Length..].Replace(Separator, "/", StringComparison.Ordinal)))
                .Where(pair => HubReference.TryParse(pair.Name) is { File: null, Revision: null })
                .OrderBy(pair => pair.Name, StringComparer.OrdinalIgnoreCase)
                .SelectMany(pair => ListRepository(pair.Folder, pair.Name)),
        ];
    }

    /// <summary>The folder of a repository, whether it exists or not.</summary>
    internal string RepositoryFolder(string repository) =>
        Path.Combine(Folder, Prefix + repository.Replace("/", Separator, StringComparison.Ordinal));

    private static string? Commit(string root, string revision)
    {
        if (HubReference.IsCommit(revision))
        {
            return revision;
        }

        if (!HubReference.IsRevision(revision))
        {
            return null;
        }

        string note = Path.Combine(root, "refs", Path.Combine(revision.Split('/')));
        if (!File.Exists(note))
        {
            return null;
        }

        string commit = ReadNote(note);
        return HubReference.IsCommit(commit)
            ? commit
            : throw new InvalidDataException($"'{note}' holds '{HubPath.Printable(commit)}', expected a commit. Delete it and pull again.");
    }

    private static CachedSnapshot[] ListRepository(string root, string name)
    {
        try
        {
            return Snapshots(root, name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What can't be read is not there for this user; the others still are.
            return [];
        }
    }

    private static CachedSnapshot[] Snapshots(string root, string name)
    {
        string snapshots = Path.Combine(root, "snapshots");
        if (!Directory.Exists(snapshots))
        {
            return [];
        }

        (string Revision, string Commit)[] revisions = Notes(root);
        bool unfinished = Directory.Exists(Path.Combine(root, "blobs"))
            && Directory.EnumerateFiles(Path.Combine(root, "blobs"), "*" + Unfinished).Any();
        return
        [
            .. Directory.EnumerateDirectories(snapshots)
                .Where(folder => HubReference.IsCommit(Path.GetFileName(folder)))
                .Select(folder => Describe(folder, name, revisions, unfinished))
                .OrderByDescending(snapshot => snapshot.Revisions.Contains("main")).ThenByDescending(snapshot => snapshot.Modified),
        ];
    }

    private static (string Revision, string Commit)[] Notes(string root)
    {
        string refs = Path.Combine(root, "refs");
        return Directory.Exists(refs)
            ?
            [
                .. FilesBelow(refs).Where(file => new FileInfo(file).LinkTarget is null)
                    .Select(file => (Path.GetRelativePath(refs, file).Replace('\\', '/'), ReadNote(file)))
                    .OrderBy(pair => pair.Item1, StringComparer.Ordinal),
            ]
            : [];
    }

    /// <summary>The beginning of a branch's note, which is all of it when it holds a commit.</summary>
    private static string ReadNote(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Span<byte> bytes = stackalloc byte[MaxNote];
        return System.Text.Encoding.UTF8.GetString(bytes[..stream.ReadAtLeast(bytes, MaxNote, throwOnEndOfStream: false)]).Trim();
    }

    /// <summary>All files below a folder; links to folders are not followed, as they may lead round or out of the cache.</summary>
    private static FileSystemEnumerable<string> FilesBelow(string folder) => new(
        folder,
        (ref FileSystemEntry entry) => entry.ToFullPath(),
        new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
        ShouldRecursePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
    };

    /// <summary>What a file's link leads to, or the file; null when the link leads round.</summary>
    private static FileInfo? Content(string file)
    {
        try
        {
            return new FileInfo(File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static CachedSnapshot Describe(
        string folder, string name, (string Revision, string Commit)[] revisions, bool unfinished)
    {
        long bytes = 0;
        int count = 0;
        bool whole = true;
        DateTime modified = Directory.GetLastWriteTimeUtc(folder);
        foreach (string file in FilesBelow(folder))
        {
            count++;
            if (Content(file) is not { } target)
            {
                whole = false;
                continue;
            }

            whole &= target.Exists;
            bytes += target.Exists ? target.Length : 0;
            modified = target.Exists && target.LastWriteTimeUtc > modified ? target.LastWriteTimeUtc : modified;
        }

        string commit = Path.GetFileName(folder);
        string[] names = [.. revisions.Where(pair => pair.Commit == commit).Select(pair => pair.Revision)];

        // A half loaded file belongs to a state that no branch means yet.
        return new CachedSnapshot(name, commit, names, folder, bytes, count, modified, whole && (names.Length > 0 || !unfinished));
    }
}
