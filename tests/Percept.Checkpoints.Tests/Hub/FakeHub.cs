using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Percept.Checkpoints.Tests;

/// <summary>A hub on this machine, which gives files and misbehaves when told to. Every answer closes its connection.</summary>
internal sealed class FakeHub : IDisposable
{
    internal const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Request> _requests = [];
    private readonly Task _loop;

    internal FakeHub()
    {
        _listener.Start();
        _loop = Task.Run(AcceptAsync);
    }

    /// <summary>A request that came.</summary>
    internal sealed record Request(string Method, string Path, Dictionary<string, string> Headers)
    {
        internal string? Authorization => Headers.GetValueOrDefault("authorization");

        internal long? RangeStart => Headers.TryGetValue("range", out string? range) && range.StartsWith("bytes=", StringComparison.Ordinal)
            ? long.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>What is sent back; the body is cut after <paramref name="Sent"/> bytes where that is given.</summary>
    internal sealed record Answer(int Status, byte[] Body, Dictionary<string, string>? Headers = null, int? Sent = null, bool SaysLength = true)
    {
        /// <summary>Whether the connection is reset behind the body.</summary>
        internal bool Resets { get; init; }

        /// <summary>Nothing is sent before this has ended.</summary>
        internal Task Waits { get; init; } = Task.CompletedTask;
    }

    internal Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>The repository's files.</summary>
    internal Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Files that stand in the list under LFS, with a SHA-256.</summary>
    internal HashSet<string> Large { get; } = [];

    /// <summary>Where large files are sent on to; null for giving them itself.</summary>
    internal Uri? Storage { get; set; }

    /// <summary>Answers before anything else; null for the usual answer.</summary>
    internal Func<Request, Answer?> Before { get; set; } = _ => null;

    /// <summary>Changes the list of files.</summary>
    internal Action<JsonObject> ChangeList { get; set; } = _ => { };

    internal Request[] Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
        _loop.Wait(TimeSpan.FromSeconds(5));
        _end.Dispose();
    }

    internal static string Sha256(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));

    internal static string GitHash(byte[] data) =>
        Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes(FormattableString.Invariant($"blob {data.Length}\0")), .. data]));

    internal static Answer Part(byte[] data, Request request, int? sent = null)
    {
        if (request.RangeStart is not { } start)
        {
            return new Answer(200, data, null, sent);
        }

        return start >= data.Length
            ? new Answer(416, [], new() { ["Content-Range"] = FormattableString.Invariant($"bytes */{data.Length}") })
            : new Answer(
                206, data[(int)start..], new() { ["Content-Range"] = FormattableString.Invariant($"bytes {start}-{data.Length - 1}/{data.Length}") }, sent);
    }

    internal void Add(string path, byte[] data, bool large = false)
    {
        Files[path] = data;
        if (large)
        {
            Large.Add(path);
        }
    }

    private Answer Usual(Request request)
    {
        if (request.Path.StartsWith("/api/models/org/name/revision/", StringComparison.Ordinal))
        {
            JsonObject list = List();
            ChangeList(list);
            return new Answer(200, Encoding.UTF8.GetBytes(list.ToJsonString()));
        }

        string prefix = $"/org/name/resolve/{Commit}/";
        string file = request.Path.StartsWith(prefix, StringComparison.Ordinal)
            ? Uri.UnescapeDataString(request.Path[prefix.Length..])
            : Uri.UnescapeDataString(request.Path.TrimStart('/'));
        if (!Files.TryGetValue(file, out byte[]? data))
        {
            return new Answer(404, [], new() { ["X-Error-Code"] = request.Path.StartsWith("/api", StringComparison.Ordinal) ? "RepoNotFound" : "EntryNotFound" });
        }

        if (Storage is not null && Large.Contains(file) && request.Path.StartsWith(prefix, StringComparison.Ordinal))
        {
            return new Answer(
                302, [], new()
                {
                    ["Location"] = new Uri(Storage, file).AbsoluteUri, ["X-Linked-Etag"] = $"\"{Sha256(data)}\"",
                    ["X-Linked-Size"] = data.Length.ToString(CultureInfo.InvariantCulture),
                });
        }

        Answer answer = Part(data, request);
        return answer with { Headers = new(answer.Headers ?? []) { ["ETag"] = $"\"{(Large.Contains(file) ? Sha256(data) : GitHash(data))}\"" } };
    }

    private JsonObject List()
    {
        var siblings = new JsonArray();
        foreach ((string path, byte[] data) in Files)
        {
            var entry = new JsonObject { ["rfilename"] = path, ["size"] = data.Length, ["blobId"] = GitHash(data) };
            if (Large.Contains(path))
            {
                entry["lfs"] = new JsonObject { ["sha256"] = Sha256(data), ["size"] = data.Length, ["pointerSize"] = 130 };
            }

            siblings.Add(entry);
        }

        return new JsonObject { ["sha"] = Commit, ["siblings"] = siblings };
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_end.Token);
            }
            catch (Exception error) when (_end.IsCancellationRequested || error is SocketException)
            {
                // A listener that was stopped before it was asked again throws an InvalidOperationException.
                return;
            }

            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                Request request = await ReadAsync(stream);
                lock (_requests)
                {
                    _requests.Add(request);
                }

                Answer answer = Before(request) ?? Usual(request);
                await answer.Waits;
                var head = new StringBuilder($"HTTP/1.1 {answer.Status} X\r\nConnection: close\r\n");
                if (answer.SaysLength)
                {
                    head.Append(CultureInfo.InvariantCulture, $"Content-Length: {answer.Body.Length}\r\n");
                }

                foreach ((string name, string value) in answer.Headers ?? [])
                {
                    head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
                }

                await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
                if (request.Method != "HEAD")
                {
                    await stream.WriteAsync(answer.Body.AsMemory(0, answer.Sent ?? answer.Body.Length));
                }

                if (answer.Resets)
                {
                    // What lies in the buffers must have left before.
                    await Task.Delay(50);
                    client.LingerState = new LingerOption(true, 0);
                }
            }
            catch (IOException)
            {
                // The client went away.
            }
        }
    }

    private static async Task<Request> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (bytes.Count < 4 || !bytes[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one) == 0)
            {
                throw new IOException("closed");
            }

            bytes.Add(one[0]);
        }

        string[] lines = Encoding.ASCII.GetString([.. bytes]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] first = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1]);
        return new Request(first[0], first[1], headers);
    }
}
