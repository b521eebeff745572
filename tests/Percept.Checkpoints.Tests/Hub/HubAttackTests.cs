using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>A hub that lies, and a cache that somebody has prepared.</summary>
public sealed class HubAttackTests : IDisposable
{
    private const string Other = "fedcba9876543210fedcba9876543210fedcba98";

    private readonly TempFolder _folder = new();
    private readonly FakeHub _hub = new();
    private readonly byte[] _weights = new byte[300_000];

    public HubAttackTests()
    {
        new Random(2).NextBytes(_weights);
        _hub.Add("config.json", """{"model_type": "llava"}"""u8.ToArray());
        _hub.Add("sub/model.safetensors", _weights, large: true);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Root => _folder.File("hub/models--org--name");

    private string Snapshot => Path.Combine(Root, "snapshots", FakeHub.Commit);

    private string Outside => _folder.File("outside");

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("""{"sha": "\ud800", "siblings": []}""")]
    [InlineData("""{"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{"rfilename": "a\udc00"}]}""")]
    [InlineData("""{"\ud800": 1, "sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{"\ud800": 1}]}""")]
    [InlineData("""{"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{"rfilename": "a", "lfs": {"sha256": "\ud800"}}]}""")]
    public void AListWithHalfACharacterIsRefused(string json) =>
        Refusal.Of<InvalidDataException>(() => HubListing.Parse(Encoding.UTF8.GetBytes(json), "org/name"), "org/name");

    [Fact]
    public async Task LengthsThatOverflowAreRefused()
    {
        _hub.ChangeList = list =>
        {
            list["siblings"]![0]!["size"] = long.MaxValue;
            list["siblings"]![1]!["lfs"]!["size"] = long.MaxValue;
        };
        await Assert.ThrowsAsync<InvalidDataException>(() => PullAsync());
        Assert.False(Directory.Exists(_folder.File("hub")));
    }

    [Fact]
    public async Task ACommitThatWasAskedForIsTheOneThatComes()
    {
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => PullAsync("org/name@" + Other));
        Assert.Contains(Other, error.Message, StringComparison.Ordinal);
        Assert.Contains(FakeHub.Commit, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("hub")));
    }

    [Theory]
    [InlineData("//")]
    [InlineData("http://")]
    [InlineData("http://[x/")]
    [InlineData("///:99999")]
    [InlineData("http:\\\\x:99999/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("ftp://127.0.0.1/x")]
    [InlineData("data:,x")]
    public async Task ARedirectThatIsNoAddressIsRefused(string location)
    {
        _hub.Before = _ => new FakeHub.Answer(302, [], new() { ["Location"] = location });
        await Assert.ThrowsAsync<HubException>(() => PullAsync());
    }

    [Fact]
    public async Task ATransferThatIsResetIsTriedAgain()
    {
        int count = 0;
        _hub.Before = request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal) && count++ < 2
            ? FakeHub.Part(_weights, request, sent: 50_000) with { Resets = true }
            : null;
        await PullAsync();
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "sub", "model.safetensors")));
    }

    [Fact]
    public async Task AListThatIsResetIsAskedForAgain()
    {
        int count = 0;
        _hub.Before = request => request.Path.StartsWith("/api", StringComparison.Ordinal) && count++ < 2
            ? new FakeHub.Answer(200, new byte[100_000], null, 50_000) { Resets = true }
            : null;
        await PullAsync();
    }

    [Theory]
    [InlineData("bytes 0-299999/300000")]
    [InlineData("bytes 1000-1001/300000")]
    [InlineData("bytes 1000-299999/9223372036854775807")]
    [InlineData("bytes 999-299999/300000")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task ARangeThatLiesNeverGivesAWrongFile(string? range)
    {
        string unfinished = Path.Combine(Root, "blobs", FakeHub.Sha256(_weights) + ".incomplete");
        Directory.CreateDirectory(Path.GetDirectoryName(unfinished)!);
        File.WriteAllBytes(unfinished, _weights[..1000]);
        bool lies = true;
        _hub.Before = request =>
        {
            if (!request.Path.EndsWith("model.safetensors", StringComparison.Ordinal) || !lies || request.RangeStart is null)
            {
                return null;
            }

            lies = false;
            return new FakeHub.Answer(206, _weights[1000..], range is null ? null : new() { ["Content-Range"] = range });
        };
        await PullAsync();
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "sub", "model.safetensors")));
    }

    [Fact]
    public async Task AFolderOfTheCacheThatLeadsElsewhereIsNotWrittenInto()
    {
        Directory.CreateDirectory(Outside);
        Directory.CreateDirectory(Snapshot);
        Directory.CreateSymbolicLink(Path.Combine(Snapshot, "sub"), Outside);
        await Assert.ThrowsAnyAsync<IOException>(() => PullAsync());
        Assert.Empty(Directory.GetFileSystemEntries(Outside));
    }

    [Fact]
    public async Task ANoteOfTheCacheThatLeadsElsewhereIsNotWritten()
    {
        Directory.CreateDirectory(Outside);
        Directory.CreateDirectory(Path.Combine(Root, "refs"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "refs", "refs"), Outside);
        await Assert.ThrowsAnyAsync<IOException>(() => PullAsync("org/name@refs/pr"));
        Assert.Empty(Directory.GetFileSystemEntries(Outside));
    }

    [Theory]
    [InlineData(".incomplete")]
    [InlineData("")]
    public async Task AContentThatLeadsElsewhereIsReplacedAndNotWrittenInto(string ending)
    {
        Directory.CreateDirectory(Outside);
        string victim = Path.Combine(Outside, "victim");
        byte[] before = new byte[ending.Length > 0 ? 1000 : _weights.Length];
        File.WriteAllBytes(victim, before);
        string link = Path.Combine(Root, "blobs", FakeHub.Sha256(_weights) + ending);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, victim);
        await PullAsync();
        Assert.Equal(before, File.ReadAllBytes(victim));
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "sub", "model.safetensors")));
    }

    [Fact]
    public async Task ASnapshotsFileThatLeadsElsewhereIsReplaced()
    {
        Directory.CreateDirectory(Outside);
        string victim = Path.Combine(Outside, "victim");
        File.WriteAllBytes(victim, new byte[_weights.Length]);
        Directory.CreateDirectory(Path.Combine(Snapshot, "sub"));
        File.CreateSymbolicLink(Path.Combine(Snapshot, "sub", "model.safetensors"), victim);
        await PullAsync();
        Assert.Equal(new byte[_weights.Length], File.ReadAllBytes(victim));
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(Snapshot, "sub", "model.safetensors")));
    }

    [Fact]
    public async Task ALockThatCantBeTakenIsAnError()
    {
        string locks = _folder.File("hub/.locks/models--org--name");
        Directory.CreateDirectory(locks);
        string path = Path.Combine(locks, FakeHub.Sha256(_weights) + ".lock");
        File.CreateSymbolicLink(path, path);
        Task<PullReport> pull = PullAsync();
        Task first = await Task.WhenAny(pull, Task.Delay(TimeSpan.FromSeconds(5), Token));
        Assert.Same(pull, first);
        await Assert.ThrowsAnyAsync<IOException>(() => pull);
    }

    [Fact]
    public async Task NamesThatDifferOnlyInCaseAreRefusedWhereFilesDoNotTellThemApart()
    {
        _hub.Add("CONFIG.json", """{"model_type": "other"}"""u8.ToArray());
        if (OperatingSystem.IsLinux())
        {
            await PullAsync();
            Assert.Equal(_hub.Files["CONFIG.json"], File.ReadAllBytes(Path.Combine(Snapshot, "CONFIG.json")));
        }

        using HubClient client = Client();
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(
            () => client.PullAsync(HubReference.Parse("org/name"), new PullOptions { TellsCase = false }, null, Token));
        Assert.Contains("CONFIG.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFileAndAFolderOfTheSameNameAreRefused()
    {
        _hub.Add("sub", [1]);
        await Assert.ThrowsAsync<InvalidDataException>(() => PullAsync());
        Assert.False(Directory.Exists(_folder.File("hub")));
    }

    [Fact]
    public void AListOfADamagedCacheIsStillAList()
    {
        string good = Path.Combine(_folder.File("hub/models--a--good/snapshots"), Other);
        Directory.CreateDirectory(good);
        File.WriteAllText(Path.Combine(good, "config.json"), "{}");
        Directory.CreateDirectory(Snapshot);
        File.CreateSymbolicLink(Path.Combine(Snapshot, "loop"), "loop");
        Directory.CreateSymbolicLink(Path.Combine(Snapshot, "up"), "..");
        Directory.CreateSymbolicLink(Path.Combine(Snapshot, "root"), "/");
        Directory.CreateDirectory(Path.Combine(Root, "refs"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "refs", "up"), "..");
        File.CreateSymbolicLink(Path.Combine(Root, "refs", "loop"), "loop");
        IReadOnlyList<CachedSnapshot> list = new HubCache(_folder.File("hub")).List();
        Assert.Equal(["a/good", "org/name"], list.Select(snapshot => snapshot.Repository));
        Assert.False(list[1].IsComplete);
        Assert.InRange(list[1].Files, 0, 3);
    }

    [Fact]
    public void ANoteIsNotReadForEver()
    {
        Directory.CreateDirectory(Path.Combine(Root, "refs"));
        using (FileStream note = File.Create(Path.Combine(Root, "refs", "main")))
        {
            note.SetLength(1L << 33);
        }

        Refusal.Of<InvalidDataException>(() => new HubCache(_folder.File("hub")).FindSnapshot("org/name"), "main");
    }

    [Fact]
    public async Task AHubBehindAnAddressWithUserInfoGetsNoToken()
    {
        using var other = new FakeHub();
        other.Add("sub/model.safetensors", _weights);
        _hub.Before = request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal)
            ? new FakeHub.Answer(302, [], new()
            {
                ["Location"] = $"http://127.0.0.1%3A{_hub.Address.Port}:x@{other.Address.Authority}/sub/model.safetensors",
            })
            : null;
        var settings = new HubSettings { CacheFolder = _folder.File("hub"), Endpoint = _hub.Address, Token = "hf_secret" };
        using var client = new HubClient(settings, new HubHttp(settings) { Pause = TimeSpan.FromMilliseconds(1) });
        await client.PullAsync(HubReference.Parse("org/name"), null, null, Token);
        Assert.All(other.Requests, request => Assert.DoesNotContain(
            request.Headers, header => header.Value.Contains("hf_secret", StringComparison.Ordinal)));
        Assert.NotEmpty(other.Requests);
    }

    [Fact]
    public async Task AFolderThatCantBeWrittenIsNamed()
    {
        File.WriteAllText(_folder.File("hub"), "a file");
        IOException error = await Assert.ThrowsAnyAsync<IOException>(() => PullAsync());
        Assert.Contains(_folder.File("hub"), error.Message, StringComparison.Ordinal);
    }

    private HubClient Client()
    {
        var settings = new HubSettings { CacheFolder = _folder.File("hub"), Endpoint = _hub.Address };
        return new(settings, new HubHttp(settings) { Pause = TimeSpan.FromMilliseconds(1), Silence = TimeSpan.FromSeconds(20) });
    }

    private async Task<PullReport> PullAsync(string reference = "org/name")
    {
        using HubClient client = Client();
        return await client.PullAsync(HubReference.Parse(reference), null, null, Token);
    }
}
