using System.Text.Json.Nodes;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

public sealed class HubClientTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeHub _hub = new();
    private readonly FakeHub _storage = new();
    private readonly byte[] _weights = new byte[700_000];

    public HubClientTests()
    {
        new Random(1).NextBytes(_weights);
        _hub.Add("config.json", """{"model_type": "llava"}"""u8.ToArray());
        _hub.Add("sub dir/ä.txt", [1, 2, 3]);
        _hub.Add("model.safetensors", _weights, large: true);
        _storage.Add("model.safetensors", _weights);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Root => _folder.File("hub/models--org--name");

    private string Snapshot => Path.Combine(Root, "snapshots", FakeHub.Commit);

    private string Unfinished => Path.Combine(Root, "blobs", FakeHub.Sha256(_weights) + ".incomplete");

    public void Dispose()
    {
        _hub.Dispose();
        _storage.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task ARepositoryIsLoadedOnceAndFoundThen()
    {
        var seen = new List<PullProgress>();
        PullReport report = await PullAsync(progress: new Sink(seen));
        Assert.Equal((Snapshot, FakeHub.Commit, 3), (report.Folder, report.Commit, report.Files.Count));
        Assert.Equal(_hub.Files.Values.Sum(data => data.Length), report.Loaded);
        foreach ((string path, byte[] data) in _hub.Files)
        {
            string file = Path.Combine(Snapshot, path);
            Assert.Equal(data, File.ReadAllBytes(file));
            Assert.StartsWith("..", new FileInfo(file).LinkTarget, StringComparison.Ordinal);
        }

        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine(Root, "refs", "main")));
        Assert.Equal(Snapshot, ModelLocator.Resolve("org/name", Settings()));
        Assert.Equal(seen[^1].TotalBytes, seen.Max(report => report.TotalDone));
        Assert.True(new HubCache(_folder.File("hub")).List().Single().IsComplete);

        int before = _hub.Requests.Length;
        Assert.Equal(0, (await PullAsync()).Loaded);
        Assert.Equal(before + 1, _hub.Requests.Length);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.incomplete", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task TheTokenIsNotSentOnToAnotherHost()
    {
        _hub.Storage = _storage.Address;
        _hub.Before = request => request.Path.StartsWith("/api/models/org/old/", StringComparison.Ordinal)
            ? new FakeHub.Answer(307, [], new() { ["Location"] = request.Path.Replace("/old/", "/name/", StringComparison.Ordinal) })
            : request.Path.StartsWith("/org/old/", StringComparison.Ordinal)
                ? new FakeHub.Answer(307, [], new() { ["Location"] = request.Path.Replace("/old/", "/name/", StringComparison.Ordinal) })
                : null;
        using HubClient client = Client(Settings("hf_secret"));
        await client.PullAsync(HubReference.Parse("org/old"), cancellationToken());
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(_folder.File("hub/models--org--old/snapshots"), FakeHub.Commit, "model.safetensors")));
        Assert.All(_hub.Requests, request => Assert.Equal("Bearer hf_secret", request.Authorization));
        Assert.NotEmpty(_storage.Requests);
        Assert.All(_storage.Requests, request => Assert.Null(request.Authorization));

        static PullOptions cancellationToken() => new();
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/x", true)]
    [InlineData("http://127.0.0.1:1/x", false)]
    [InlineData("http://localhost:{0}/x", false)]
    [InlineData("https://127.0.0.1:{0}/x", false)]
    [InlineData("http://127.0.0.1.evil.example:{0}/x", false)]
    [InlineData("http://127.0.0.1@evil.example:{0}/x", false)]
    public void OnlyTheHubItselfSeesTheToken(string address, bool isHub)
    {
        using var http = new HubHttp(Settings("hf_secret"));
        string text = address.Replace("{0}", _hub.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal(isHub, http.IsHub(new Uri(text)));
    }

    [Fact]
    public async Task UnsafeRedirectsAreRefused()
    {
        var https = new Uri("https://hub.example/a");
        Assert.Equal("https://hub.example/b", HubHttp.Follow(https, new Uri("/b", UriKind.Relative)).AbsoluteUri);
        Assert.Equal("https://cdn.example/b", HubHttp.Follow(https, new Uri("https://cdn.example/b")).AbsoluteUri);
        Assert.Throws<HubException>(() => HubHttp.Follow(https, new Uri("http://hub.example/b")));
        Assert.Throws<HubException>(() => HubHttp.Follow(https, new Uri("file:///etc/passwd")));
        Assert.Throws<HubException>(() => HubHttp.Follow(https, null));
        _hub.Before = _ => new FakeHub.Answer(302, [], new() { ["Location"] = "/again" });
        HubException error = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.Contains("more than 5 times", error.Message, StringComparison.Ordinal);
        Assert.Equal(6, _hub.Requests.Length);
    }

    [Fact]
    public async Task AnInterruptedLoadGoesOnAtTheByte()
    {
        _hub.Storage = _storage.Address;
        Directory.CreateDirectory(Path.GetDirectoryName(Unfinished)!);
        File.WriteAllBytes(Unfinished, _weights[..123_456]);
        PullReport report = await PullAsync();
        Assert.Equal([123_456L], _storage.Requests.Select(request => request.RangeStart));
        Assert.Equal(report.Bytes - 123_456, report.Loaded);
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task WhatWasLeftIsNotTrusted()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Unfinished)!);
        File.WriteAllBytes(Unfinished, new byte[1000]);
        await PullAsync();
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
        Assert.Equal([1000, null], WeightRequests().Select(request => request.RangeStart));
    }

    [Fact]
    public async Task TooMuchThatWasLeftIsThrownAway()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Unfinished)!);
        File.WriteAllBytes(Unfinished, new byte[_weights.Length + 1]);
        await PullAsync();
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task AHubWithoutRangesGivesTheWholeFileAgain()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Unfinished)!);
        File.WriteAllBytes(Unfinished, _weights[..1000]);
        _hub.Before = request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal) ? new FakeHub.Answer(200, _weights) : null;
        await PullAsync();
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task ARangePastTheEndStartsAgain()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Unfinished)!);
        File.WriteAllBytes(Unfinished, _weights[..1000]);
        _hub.Before = request => request.RangeStart > 0 ? new FakeHub.Answer(416, []) : null;
        await PullAsync();
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task ATransferThatBreaksOffIsTakenUpAgain()
    {
        int count = 0;
        _hub.Before = request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal) && count++ < 3
            ? FakeHub.Part(_weights, request, sent: 100_000)
            : null;
        var seen = new List<PullProgress>();
        await PullAsync(progress: new Sink(seen));
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
        Assert.Equal([null, 100_000, 200_000, 300_000], WeightRequests().Select(request => request.RangeStart));
        Assert.Contains(seen, report => report.Note?.StartsWith("trying again", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task ATransferThatNeverEndsIsGivenUpAndKept()
    {
        _hub.Before = request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal)
            ? FakeHub.Part(_weights, request, sent: 1000) with { SaysLength = false }
            : null;
        HubException error = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.Contains("'model.safetensors'", error.Message, StringComparison.Ordinal);
        Assert.Contains("tried 5 times", error.Message, StringComparison.Ordinal);
        Assert.Equal(5000, new FileInfo(Unfinished).Length);
        Assert.False(File.Exists(Path.Combine(Root, "refs", "main")));
        _hub.Before = _ => null;
        await PullAsync();
        Assert.Equal(5000, WeightRequests()[^1].RangeStart);
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AWrongHashIsRefused(bool large)
    {
        string file = large ? "model.safetensors" : "config.json";
        byte[] wrong = [.. _hub.Files[file]];
        wrong[5] ^= 1;
        _hub.Before = request => request.Path.EndsWith(file, StringComparison.Ordinal) ? new FakeHub.Answer(200, wrong) : null;
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => PullAsync());
        Assert.Contains($"'{file}' came from the hub with another hash", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Snapshot, file)));
        Assert.False(File.Exists(Path.Combine(Root, "refs", "main")));
        Assert.Null(new HubCache(_folder.File("hub")).FindSnapshot("org/name"));
        string hash = large ? FakeHub.Sha256(_weights) : FakeHub.GitHash(_hub.Files[file]);
        Assert.Empty(Directory.GetFiles(Path.Combine(Root, "blobs"), hash + "*"));
    }

    [Fact]
    public async Task MoreThanWasAnnouncedIsNotWritten()
    {
        byte[] endless = new byte[20_000_000];
        _hub.Before = request => request.Path.EndsWith("config.json", StringComparison.Ordinal) ? new FakeHub.Answer(200, endless) : null;
        await Assert.ThrowsAsync<InvalidDataException>(() => PullAsync());
        Assert.All(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories), file => Assert.True(new FileInfo(file).Length < 2_000_000));
    }

    [Theory]
    [InlineData(401, "", "is private", "HF_TOKEN")]
    [InlineData(401, "GatedRepo", "owner must let you in", "HF_TOKEN")]
    [InlineData(403, "GatedRepo", "owner must let you in", "HF_TOKEN")]
    [InlineData(403, "", "owner must let you in", "")]
    [InlineData(404, "RepoNotFound", "has no model 'org/name'", "Check the name")]
    [InlineData(404, "RevisionNotFound", "no such revision", "behind '@'")]
    [InlineData(418, "", "answers 418", "HF_ENDPOINT")]
    public async Task RefusalsAreSaidInPlainWords(int status, string code, string said, string next)
    {
        _hub.Before = _ => new FakeHub.Answer(status, "<html>"u8.ToArray(), code.Length == 0 ? null : new() { ["X-Error-Code"] = code });
        HubException error = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.Equal(status, (int)error.Status!);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains(next, error.Message, StringComparison.Ordinal);
        Assert.Single(_hub.Requests);
        HubException known = await Assert.ThrowsAsync<HubException>(() => PullAsync(settings: Settings("hf_secret")));
        Assert.DoesNotContain("hf_secret", known.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatMayPassIsTriedAgain()
    {
        int count = 0;
        _hub.Before = _ => (count++ % 3) switch
        {
            0 => new FakeHub.Answer(503, []),
            1 => new FakeHub.Answer(429, [], new() { ["Retry-After"] = "0" }),
            _ => null,
        };
        await PullAsync(options: new PullOptions { Include = ["config.json"] });
        Assert.Equal(6, _hub.Requests.Length);
        _hub.Before = _ => new FakeHub.Answer(500, []);
        HubException error = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.Contains("answers 500, tried 5 times", error.Message, StringComparison.Ordinal);
        Assert.Equal(11, _hub.Requests.Length);
    }

    [Fact]
    public async Task AHubThatIsNotThereIsNamed()
    {
        HubSettings settings = Settings() with { Endpoint = new Uri("http://127.0.0.1:1") };
        HubException error = await Assert.ThrowsAsync<HubException>(() => PullAsync(settings: settings));
        Assert.Contains("127.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.Contains("HTTPS_PROXY", error.Message, StringComparison.Ordinal);
        HubException offline = await Assert.ThrowsAsync<HubException>(() => PullAsync(settings: Settings() with { Offline = true }));
        Assert.Contains("HF_HUB_OFFLINE", offline.Message, StringComparison.Ordinal);
        Assert.Empty(_hub.Requests);
    }

    [Fact]
    public async Task ASilentHubIsNotWaitedForForever()
    {
        var answer = new TaskCompletionSource();
        _hub.Before = request => request.Path.EndsWith("config.json", StringComparison.Ordinal)
            ? new FakeHub.Answer(200, []) { Waits = answer.Task }
            : null;
        using var client = new HubClient(
            Settings(), new HubHttp(Settings()) { Pause = TimeSpan.FromMilliseconds(1), Silence = TimeSpan.FromMilliseconds(100) });
        try
        {
            HubException error = await Assert.ThrowsAsync<HubException>(
                () => client.PullAsync(HubReference.Parse("org/name"), new PullOptions { Include = ["config.json"] }, null, Token));
            Assert.Contains("nothing came for", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            answer.SetResult();
        }
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a/../../evil")]
    [InlineData("/etc/evil")]
    [InlineData("a\\..\\evil")]
    [InlineData("C:\\evil")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("a\nb")]
    [InlineData("a/NUL.txt")]
    [InlineData("a.")]
    [InlineData("")]
    public async Task NamesThatLeadElsewhereAreRefusedBeforeAnythingIsWritten(string name)
    {
        _hub.ChangeList = list => list["siblings"]!.AsArray().Add(new JsonObject { ["rfilename"] = name, ["size"] = 1, ["blobId"] = FakeHub.Commit });
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => PullAsync());
        Assert.Contains("Nothing was written", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(Directory.Exists(_folder.File("hub")));
    }

    [Theory]
    [InlineData("sha", "\"../../x\"", "commit")]
    [InlineData("sha", "null", "commit")]
    [InlineData("siblings", "{}", "no list")]
    [InlineData("siblings", "[{}]", "no name")]
    [InlineData("siblings", "[{\"rfilename\":\"a\"},{\"rfilename\":\"a\"}]", "twice")]
    public async Task ABrokenListIsRefused(string key, string json, string said)
    {
        _hub.ChangeList = list => list[key] = JsonNode.Parse(json);
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => PullAsync());
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHashThatIsNoneIsNotUsedAsAName()
    {
        _hub.ChangeList = list => list["siblings"]![2]!["lfs"]!["sha256"] = "../../../../evil";
        await PullAsync();
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
        Assert.Contains(_hub.Requests, request => request.Method == "HEAD");
    }

    [Fact]
    public async Task LengthAndHashThatTheListLacksAreAskedFor()
    {
        _hub.Storage = _storage.Address;
        _hub.ChangeList = list =>
        {
            foreach (JsonNode? entry in list["siblings"]!.AsArray())
            {
                entry!.AsObject().Remove("lfs");
                entry.AsObject().Remove("size");
                entry.AsObject().Remove("blobId");
            }
        };
        await PullAsync();
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "model.safetensors")));
        Assert.Equal(3, _hub.Requests.Count(request => request.Method == "HEAD"));
        Assert.DoesNotContain(_storage.Requests, request => request.Method == "HEAD");
    }

    [Fact]
    public async Task TwoLoadsAtOnceLoadOnce()
    {
        PullReport[] reports = await Task.WhenAll(PullAsync(), PullAsync(), PullAsync());
        Assert.All(reports, report => Assert.Equal(Snapshot, report.Folder));
        Assert.Single(WeightRequests());
    }

    [Fact]
    public async Task ALoadWaitsForAnotherProcess()
    {
        string locks = _folder.File("hub/.locks/models--org--name");
        Directory.CreateDirectory(locks);
        var sink = new Sink([]);
        Task<PullReport> pull;
        using (File.Open(Path.Combine(locks, FakeHub.Sha256(_weights) + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            pull = PullAsync(progress: sink);
            while (!sink.Seen().Any(report => report.Note is not null && report.Note.StartsWith("waiting", StringComparison.Ordinal)))
            {
                await Task.Delay(10, Token);
            }

            Assert.Empty(WeightRequests());
        }

        await pull;
        Assert.Single(WeightRequests());
    }

    [Fact]
    public async Task ALoadThatIsStoppedKeepsWhatCame()
    {
        using var stop = new CancellationTokenSource();
        _hub.Before = request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal)
            ? FakeHub.Part(_weights, request, sent: 300_000) with { SaysLength = true }
            : null;
        var seen = new List<PullProgress>();
        using HubClient client = Client(Settings());
        var sink = new Sink(seen, report =>
        {
            if (report.File == "model.safetensors" && report.FileDone >= 200_000)
            {
                stop.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.PullAsync(HubReference.Parse("org/name"), null, sink, stop.Token));
        Assert.False(File.Exists(Path.Combine(Root, "refs", "main")));
        Assert.InRange(new FileInfo(Unfinished).Length, 200_000, 300_000);
    }

    [Fact]
    public async Task WhereThereAreNoLinksSnapshotsHoldTheFiles()
    {
        PullReport report = await PullAsync(options: new PullOptions { UseLinks = false });
        foreach ((string path, byte[] data) in _hub.Files)
        {
            Assert.Equal(data, File.ReadAllBytes(Path.Combine(report.Folder, path)));
            Assert.Null(new FileInfo(Path.Combine(report.Folder, path)).LinkTarget);
        }

        Assert.Equal(0, (await PullAsync(options: new PullOptions { UseLinks = false })).Loaded);
    }

    [Fact]
    public async Task ARevisionIsNotedUnderItsName()
    {
        using HubClient client = Client(Settings());
        await client.PullAsync(HubReference.Parse("org/name/config.json@refs/pr/3"), cancellation: Token);
        Assert.Contains(_hub.Requests, request => request.Path == "/api/models/org/name/revision/refs%2Fpr%2F3?blobs=true");
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine(Root, "refs", "refs", "pr", "3")));
        Assert.Equal(["config.json"], Directory.GetFiles(Snapshot).Select(Path.GetFileName));
        await client.PullAsync(HubReference.Parse("org/name@" + FakeHub.Commit), cancellation: Token);
        Assert.False(File.Exists(Path.Combine(Root, "refs", FakeHub.Commit)));
    }

    [Fact]
    public async Task AFileThatDoesNotFitOnTheDiskIsNotBegun()
    {
        _hub.ChangeList = list => list["siblings"]![2]!["lfs"]!["size"] = 1L << 60;
        IOException error = await Assert.ThrowsAsync<IOException>(() => PullAsync());
        Assert.Contains("HF_HUB_CACHE", error.Message, StringComparison.Ordinal);
        Assert.Single(_hub.Requests);
    }

    private FakeHub.Request[] WeightRequests() =>
        [.. _hub.Requests.Where(request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal))];

    private HubSettings Settings(string? token = null) =>
        new() { CacheFolder = _folder.File("hub"), Endpoint = _hub.Address, Token = token };

    private static HubClient Client(HubSettings settings) =>
        new(settings, new HubHttp(settings) { Pause = TimeSpan.FromMilliseconds(1), Silence = TimeSpan.FromSeconds(20) });

    private async Task<PullReport> PullAsync(PullOptions? options = null, IProgress<PullProgress>? progress = null, HubSettings? settings = null)
    {
        using HubClient client = Client(settings ?? Settings());
        return await client.PullAsync(HubReference.Parse("org/name"), options, progress, Token);
    }

    private sealed class Sink(List<PullProgress> seen, Action<PullProgress>? also = null) : IProgress<PullProgress>
    {
        /// <summary>What was reported so far, while more may come.</summary>
        public PullProgress[] Seen()
        {
            lock (seen)
            {
                return [.. seen];
            }
        }

        public void Report(PullProgress value)
        {
            lock (seen)
            {
                seen.Add(value);
            }

            also?.Invoke(value);
        }
    }
}
