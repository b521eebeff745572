using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Percept.Checkpoints;

/// <summary>Loads one file into a place, goes on where an earlier try ended, and checks what came.</summary>
internal sealed class HubDownload(
    HubHttp http, Uri address, HubDownload.Content file, string place, Action<long, string?> progress)
{
    private const int BufferBytes = 1 << 18;

    private readonly string _unfinished = place + HubCache.Unfinished;
    private long _done;

    /// <summary>A file of which length and hash are known.</summary>
    internal sealed record Content(string Path, long Bytes, string Hash);

    /// <summary>How many bytes came over the network.</summary>
    internal long Loaded { get; private set; }

    /// <summary>Loads the file; when this returns it is at its place, whole and right.</summary>
    /// <exception cref="HubException">The hub does not give it.</exception>
    /// <exception cref="InvalidDataException">What came has another hash or length than the hub says.</exception>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        if (new FileInfo(_unfinished).LinkTarget is not null)
        {
            // It may lead out of the cache, and is no download's.
            File.Delete(_unfinished);
        }

        bool resumed = File.Exists(_unfinished) && new FileInfo(_unfinished).Length > 0;
        if (!await FetchAsync(cancellation).ConfigureAwait(false))
        {
            // What was there before may have been wrong; without it there is nobody else to blame.
            File.Delete(_unfinished);
            _done = 0;
            if (!resumed || !await FetchAsync(cancellation).ConfigureAwait(false))
            {
                File.Delete(_unfinished);
                throw new InvalidDataException(
                    $"'{file.Path}' came from the hub with another hash than the hub says ({file.Hash}). It was thrown away; pull again, " +
                    "and do not use the file if that happens twice.");
            }
        }

        File.Move(_unfinished, place, overwrite: true);
    }

    private async Task<bool> FetchAsync(CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(
            file.Hash.Length == 64 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        using (var stream = new FileStream(
            _unfinished, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, BufferBytes, useAsync: true))
        {
            await StartAsync(stream, hash, cancellation).ConfigureAwait(false);
            await http.TryAsync(
                $"'{file.Path}'",
                token => LoadAsync(stream, hash, token),
                reason => progress(_done, $"trying again: {reason}"),
                cancellation).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
        }

        return _done == file.Bytes && Convert.ToHexStringLower(hash.GetHashAndReset()) == file.Hash;
    }

    /// <summary>Takes what an earlier run has left into the hash.</summary>
    private async Task StartAsync(FileStream stream, IncrementalHash hash, CancellationToken cancellation)
    {
        Begin(hash);
        if (stream.Length > file.Bytes)
        {
            stream.SetLength(0);
        }

        var buffer = new byte[BufferBytes];
        for (int count; (count = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
            _done += count;
        }

        progress(_done, _done > 0 ? "going on" : null);
    }

    private async Task<bool> LoadAsync(FileStream stream, IncrementalHash hash, CancellationToken cancellation)
    {
        // An earlier try may have written more than it counted.
        stream.SetLength(_done);
        stream.Position = _done;
        if (_done == file.Bytes)
        {
            return true;
        }

        using HttpResponseMessage answer =
            await http.SendAsync(HttpMethod.Get, address, _done, $"'{file.Path}'", cancellation).ConfigureAwait(false);
        bool isPastEnd = answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable;
        if (isPastEnd || !Continues(answer, _done))
        {
            // The hub gives the whole file again.
            _done = 0;
            stream.SetLength(0);
            _ = hash.GetHashAndReset();
            Begin(hash);
            if (isPastEnd || !Continues(answer, 0))
            {
                throw new HubHttp.PassingException("it does not give the part of the file that is missing");
            }
        }

        await CopyAsync(answer, stream, hash, cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>Git's hash counts the kind and length in.</summary>
    private void Begin(IncrementalHash hash)
    {
        if (file.Hash.Length == 40)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Bytes}\0")));
        }
    }

    /// <summary>Whether an answer goes on behind what is there.</summary>
    private static bool Continues(HttpResponseMessage answer, long done) => done == 0
        ? answer.StatusCode != HttpStatusCode.PartialContent || answer.Content.Headers.ContentRange?.From == 0
        : answer.StatusCode == HttpStatusCode.PartialContent && answer.Content.Headers.ContentRange?.From == done;

    private async Task CopyAsync(
        HttpResponseMessage answer, FileStream stream, IncrementalHash hash, CancellationToken cancellation)
    {
        using Stream body = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var buffer = new byte[BufferBytes];
        for (int count; (count = await http.ReadAsync(body, buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
            hash.AppendData(buffer, 0, count);
            _done += count;
            Loaded += count;
            progress(Math.Min(_done, file.Bytes), null);
            if (_done > file.Bytes)
            {
                return;
            }
        }

        if (_done < file.Bytes)
        {
            throw new HttpRequestException($"the transfer ended after {_done} of {file.Bytes} bytes");
        }
    }
}
