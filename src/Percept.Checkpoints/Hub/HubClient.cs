using System.Net;

namespace Percept.Checkpoints;

/// <summary>Loads models from the hub into its cache.</summary>
/// <remarks>
/// What comes is checked against the hub's hashes before it is used; an interrupted load goes on at the byte where it ended;
/// a state of a repository becomes visible only when all of its chosen files are there. Safe for several threads and
/// processes at once.
/// </remarks>
public sealed class HubClient : IDisposable
{
    private readonly HubSettings _settings;
    private readonly HubHttp _http;

    /// <summary>Makes a client.</summary>
    /// <param name="settings">Where the hub and the cache are; null for what the environment says.</param>
    public HubClient(HubSettings? settings = null)
        : this(settings ?? HubSettings.FromEnvironment(), null)
    {
    }

    internal HubClient(HubSettings settings, HubHttp? http)
    {
        _settings = settings;
        _http = http ?? new HubHttp(settings);
    }

    /// <summary>Asks the hub what files a state of a repository has.</summary>
    /// <param name="reference">The repository and its revision.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HubException">The hub does not tell.</exception>
    /// <exception cref="InvalidDataException">Its answer is damaged or hostile.</exception>
    public async Task<HubListing> ListAsync(HubReference reference, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        if (_settings.Offline)
        {
            throw new HubException($"HF_HUB_OFFLINE is set, so '{reference}' can't be asked for. Unset it, and pull again.");
        }

        Uri address = Address($"api/models/{reference.Repository}/revision/{Uri.EscapeDataString(reference.Revision ?? "main")}?blobs=true");
        string what = reference.Revision is null ? $"model '{reference.Repository}'" : $"model '{reference.Repository}' at '{reference.Revision}'";
        byte[] answer = await _http.GetAsync(address, what, cancellation).ConfigureAwait(false);
        HubListing listing = HubListing.Parse(answer, reference.Repository);
        return reference.Revision is { } asked && HubReference.IsCommit(asked) && listing.Commit != asked
            ? throw new InvalidDataException(
                $"The hub was asked for commit {asked} of '{reference.Repository}', but gives {listing.Commit}. Check HF_ENDPOINT.")
            : listing;
    }

    /// <summary>Loads a repository, or a part of it; files that are there are not loaded again.</summary>
    /// <param name="reference">The repository and its revision; a file in it is all that is loaded.</param>
    /// <param name="options">Which files.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it; what has come is kept.</param>
    /// <returns>What is there now.</returns>
    /// <exception cref="HubException">The hub does not give something.</exception>
    /// <exception cref="InvalidDataException">What it gives is damaged or hostile, or it is not clear which files are
    /// meant.</exception>
    /// <exception cref="IOException">There is no room, or a file can't be written.</exception>
    public async Task<PullReport> PullAsync(
        HubReference reference,
        PullOptions? options = null,
        IProgress<PullProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        options ??= new PullOptions();
        if (reference.File is not null)
        {
            options = options with { Include = [.. options.Include, reference.File] };
        }

        HubListing listing = await ListAsync(reference, cancellation).ConfigureAwait(false);
        (HubFile[] files, KeyValuePair<string, string>[] skipped) = PullSelection.Choose(listing.Files, options, reference.Repository);
        CheckNames(files, options, reference.Repository);
        string root = new HubCache(_settings.CacheFolder).RepositoryFolder(reference.Repository);
        string snapshot = Path.Combine(root, "snapshots", listing.Commit);
        HubPath.CreateFolder(root, snapshot);
        HubPath.CreateFolder(root, Path.Combine(root, "blobs"));
        var pull = new Pull(reference.Repository, listing.Commit, root, snapshot, options, new Meter(files, progress));
        HubDownload.Content[] contents = await Task.WhenAll(files.Select(file => ContentAsync(pull, file, cancellation))).ConfigureAwait(false);
        CheckRoom(pull, contents);
        await Parallel.ForEachAsync(
            contents,
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.Parallel), CancellationToken = cancellation },
            async (content, token) => await LoadAsync(pull, content, token).ConfigureAwait(false)).ConfigureAwait(false);

        // Last, so that a branch never means a state of which files are missing.
        string revision = reference.Revision ?? "main";
        if (revision != listing.Commit)
        {
            string note = HubPath.Below(Path.Combine(root, "refs"), revision);
            HubPath.CreateFolder(root, Path.GetDirectoryName(note)!);
            AtomicFile.Write(note, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(listing.Commit)));
        }

        return new PullReport(
            reference.Repository, listing.Commit, snapshot, files, skipped, contents.Sum(content => content.Bytes), pull.Meter.Loaded);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private Uri Address(string path) => new($"{_settings.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    private Uri FileAddress(Pull pull, string file) =>
        Address($"{pull.Repository}/resolve/{pull.Commit}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>Length and hash of a file; asks for them where the list lacks them.</summary>
    private async Task<HubDownload.Content> ContentAsync(Pull pull, HubFile file, CancellationToken cancellation)
    {
        if (file is { Bytes: { } bytes, Hash: { } hash })
        {
            return new HubDownload.Content(file.Path, bytes, hash);
        }

        return await _http.TryAsync(
            $"'{file.Path}'",
            async token =>
            {
                using HttpResponseMessage answer = await _http.SendAsync(
                    HttpMethod.Head, FileAddress(pull, file.Path), 0, $"'{file.Path}'", token, followAway: false).ConfigureAwait(false);
                string? Header(string name) => answer.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;
                string? tag = (Header("X-Linked-Etag") ?? answer.Headers.ETag?.Tag)?.Trim('"');
                long? length = long.TryParse(Header("X-Linked-Size"), out long linked) ? linked
                    : answer.StatusCode == HttpStatusCode.OK ? answer.Content.Headers.ContentLength : null;
                return HubListing.Hash(tag) is { } told && (file.Bytes ?? length) is >= 0 and { } size
                    ? new HubDownload.Content(file.Path, size, told)
                    : throw new HubException(
                        $"The hub does not say length and hash of '{file.Path}', so it could not be checked. Check HF_ENDPOINT ({_settings.Endpoint}).");
            },
            null,
            cancellation).ConfigureAwait(false);
    }

    private static void CheckNames(HubFile[] files, PullOptions options, string repository)
    {
        if (!options.TellsCase && HubListing.FindClash(files, StringComparer.OrdinalIgnoreCase) is { } clash)
        {
            throw new InvalidDataException(
                $"'{repository}' has '{clash}' and another file whose name differs only in case, which this system can't keep apart. " +
                "Leave one out by --exclude.");
        }
    }

    private static void CheckRoom(Pull pull, HubDownload.Content[] contents)
    {
        long needed = 0;
        foreach (HubDownload.Content content in contents.DistinctBy(content => content.Hash))
        {
            var place = new FileInfo(pull.Blob(content.Hash));
            var unfinished = new FileInfo(place.FullName + HubCache.Unfinished);
            bool isThere = place.Exists || IsThere(HubPath.Below(pull.Snapshot, content.Path), place.FullName, content.Bytes);
            needed += isThere ? 0 : content.Bytes - (unfinished.Exists ? Math.Min(unfinished.Length, content.Bytes) : 0);
        }

        long free = Free(pull.Snapshot);
        if (needed > free)
        {
            throw new IOException(
                $"'{pull.Repository}' needs {needed} bytes more in '{pull.Root}', where {free} are free. " +
                "Free some, or set HF_HUB_CACHE to a folder on a larger disk.");
        }
    }

    private static long Free(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (ArgumentException)
        {
            // A network folder, which has no drive to ask.
            return long.MaxValue;
        }
    }

    private async Task LoadAsync(Pull pull, HubDownload.Content content, CancellationToken cancellation)
    {
        string pointer = HubPath.Below(pull.Snapshot, content.Path), blob = pull.Blob(content.Hash);
        void Tell(long done, string? note) => pull.Meter.Tell(content, done, note);
        string locks = Path.Combine(_settings.CacheFolder, ".locks", Path.GetFileName(pull.Root), content.Hash + ".lock");
        using FileStream held = await HubLock.TakeAsync(locks, () => Tell(0, "waiting for another load"), cancellation).ConfigureAwait(false);
        if (!IsThere(pointer, blob, content.Bytes))
        {
            if (!IsFile(blob, content.Bytes))
            {
                var download = new HubDownload(_http, FileAddress(pull, content.Path), content, blob, Tell);
                try
                {
                    await download.RunAsync(cancellation).ConfigureAwait(false);
                }
                finally
                {
                    pull.Meter.AddLoaded(download.Loaded);
                }
            }

            HubPath.CreateFolder(pull.Root, Path.GetDirectoryName(pointer)!);
            Point(pointer, blob, pull.Options.UseLinks);
        }

        Tell(content.Bytes, null);
    }

    /// <summary>Whether a snapshot's file is there: the content itself, or a link to it and nowhere else.</summary>
    private static bool IsThere(string pointer, string blob, long bytes) => new FileInfo(pointer).LinkTarget is { } target
        ? Path.GetFullPath(target, Path.GetDirectoryName(pointer)!) == Path.GetFullPath(blob) && IsFile(blob, bytes)
        : IsFile(pointer, bytes);

    private static bool IsFile(string path, long bytes) =>
        new FileInfo(path) is { Exists: true, LinkTarget: null } file && file.Length == bytes;

    /// <summary>Makes a snapshot's file: a link to the content, or the content itself where there are no links.</summary>
    private static void Point(string pointer, string blob, bool useLinks)
    {
        File.Delete(pointer);
        if (useLinks)
        {
            try
            {
                File.CreateSymbolicLink(pointer, Path.GetRelativePath(Path.GetDirectoryName(pointer)!, blob));
                return;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
            {
                // Windows without developer mode, or a file system without links.
            }
        }

        File.Move(blob, pointer, overwrite: true);
    }

    private sealed record Pull(string Repository, string Commit, string Root, string Snapshot, PullOptions Options, Meter Meter)
    {
        internal string Blob(string hash) => Path.Combine(Root, "blobs", hash);
    }

    /// <summary>Adds up what is there of each file.</summary>
    private sealed class Meter(HubFile[] files, IProgress<PullProgress>? progress)
    {
        private readonly Dictionary<string, long> _done = new(StringComparer.Ordinal);
        private readonly Lock _lock = new();
        private readonly long _total = files.Sum(file => file.Bytes ?? 0);
        private long _sum;
        private long _loaded;

        internal long Loaded => Interlocked.Read(ref _loaded);

        internal void AddLoaded(long bytes) => Interlocked.Add(ref _loaded, bytes);

        internal void Tell(HubDownload.Content content, long done, string? note)
        {
            long sum;
            lock (_lock)
            {
                _sum += done - _done.GetValueOrDefault(content.Path);
                _done[content.Path] = done;
                sum = _sum;
            }

            progress?.Report(new PullProgress(content.Path, content.Bytes, done, _total, sum, note));
        }
    }
}
