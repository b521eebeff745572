using System.Text;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

public class HubCacheTests
{
    private const string One = "0123456789abcdef0123456789abcdef01234567";
    private const string Two = "fedcba9876543210fedcba9876543210fedcba98";

    [Fact]
    public void TheEnvironmentSaysWhereTheCacheIs()
    {
        static HubSettings Of(params (string Name, string Value)[] variables) => HubSettings.From(
            name => variables.FirstOrDefault(pair => pair.Name == name) is { Name: not null } found ? found.Value : null);
        string root = Path.GetFullPath("/a");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(Path.Combine(home, ".cache", "huggingface", "hub"), Of().CacheFolder);
        Assert.Equal(Path.Combine(root, "huggingface", "hub"), Of(("XDG_CACHE_HOME", "/a")).CacheFolder);
        Assert.Equal(Path.Combine(root, "hub"), Of(("HF_HOME", "/a"), ("XDG_CACHE_HOME", "/b")).CacheFolder);
        Assert.Equal(root, Of(("HUGGINGFACE_HUB_CACHE", "/a"), ("HF_HOME", "/b")).CacheFolder);
        Assert.Equal(root, Of(("HF_HUB_CACHE", "/a"), ("HUGGINGFACE_HUB_CACHE", "/b")).CacheFolder);
        Assert.Equal(Path.Combine(home, "x"), Of(("HF_HUB_CACHE", "~/x")).CacheFolder);
        Assert.False(Of(("HF_HUB_OFFLINE", "0")).Offline);
        Assert.True(Of(("HF_HUB_OFFLINE", "1")).Offline);
        Assert.True(Of(("TRANSFORMERS_OFFLINE", "true")).Offline);
        Assert.Equal("https://huggingface.co/", Of().Endpoint.AbsoluteUri);
        Assert.Equal("http://localhost:81/", Of(("HF_ENDPOINT", "http://localhost:81/")).Endpoint.AbsoluteUri);
        Assert.Contains("HF_ENDPOINT", Assert.Throws<ArgumentException>(() => Of(("HF_ENDPOINT", "ftp://x"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Of(("HF_ENDPOINT", "https://user:secret@x")));
    }

    [Fact]
    public void TheTokenIsInAVariableOrAFile()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("token"), " hf_file\n");
        File.WriteAllText(folder.File("other"), "hf_other");
        HubSettings Of(params (string Name, string Value)[] variables) => HubSettings.From(name =>
            name == "HF_HOME" ? folder.Path : variables.FirstOrDefault(pair => pair.Name == name) is { Name: not null } found ? found.Value : null);
        Assert.Equal("hf_file", Of().Token);
        Assert.Equal("hf_other", Of(("HF_TOKEN_PATH", folder.File("other"))).Token);
        Assert.Equal("hf_new", Of(("HF_TOKEN", "hf_new"), ("HUGGING_FACE_HUB_TOKEN", "hf_old")).Token);
        Assert.Equal("hf_old", Of(("HUGGING_FACE_HUB_TOKEN", "hf_old")).Token);
        Assert.Null(Of(("HF_TOKEN", "hf_new"), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
        ArgumentException error = Assert.Throws<ArgumentException>(() => Of(("HF_TOKEN", "hf_a\r\nX: y")));
        Assert.DoesNotContain("hf_a", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_new", Of(("HF_TOKEN", "hf_new")).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("org/name", "org/name", null, null)]
    [InlineData("gpt2", "gpt2", null, null)]
    [InlineData("Org-1/na_me.v1.5@v2.0", "Org-1/na_me.v1.5", null, "v2.0")]
    [InlineData("org/name@refs/pr/3", "org/name", null, "refs/pr/3")]
    [InlineData("org/name/sub/file.gguf", "org/name", "sub/file.gguf", null)]
    [InlineData("org/name/file.gguf@main", "org/name", "file.gguf", "main")]
    public void ReferencesAreRead(string text, string repository, string? file, string? revision)
    {
        HubReference read = HubReference.Parse(text);
        Assert.Equal(new HubReference(repository, file, revision), read);
        Assert.Equal(text, read.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("org/")]
    [InlineData("/name")]
    [InlineData("../name")]
    [InlineData("org/..")]
    [InlineData("org/na--me")]
    [InlineData("org/na me")]
    [InlineData("org/name@")]
    [InlineData("org/name@../x")]
    [InlineData("org/name@a//b")]
    [InlineData("org/name/../x")]
    [InlineData("org/name/a\\b")]
    [InlineData("org/name/")]
    [InlineData("-org/name")]
    public void OtherTextsAreNoReferences(string text)
    {
        Assert.Null(HubReference.TryParse(text));
        Assert.Throws<ArgumentException>(() => HubReference.Parse(text));
    }

    [Fact]
    public void SnapshotsAreFoundByBranchTagAndCommit()
    {
        using var folder = new TempFolder();
        var cache = new HubCache(folder.Path);
        Assert.Empty(cache.List());
        Assert.Null(cache.FindSnapshot("org/name"));
        string one = Put(folder, "org/name", One, "config.json", """{"model_type": "llava"}""");
        string two = Put(folder, "org/name", Two, "sub/model.safetensors", "12345");
        Note(folder, "org/name", "main", One);
        Note(folder, "org/name", "refs/pr/3", Two);
        Assert.Equal(one, cache.FindSnapshot("org/name"));
        Assert.Equal(two, cache.FindSnapshot("org/name", "refs/pr/3"));
        Assert.Equal(two, cache.FindSnapshot("org/name", Two));
        Assert.Null(cache.FindSnapshot("org/name", "v1"));
        Assert.Null(cache.FindSnapshot("org/name", "../refs/main"));
        Assert.Null(cache.FindSnapshot("org/other"));
        Note(folder, "org/name", "bad", "../../x");
        Refusal.Of<InvalidDataException>(() => cache.FindSnapshot("org/name", "bad"), "expected a commit");

        IReadOnlyList<CachedSnapshot> list = cache.List();
        Assert.Equal([One, Two], list.Select(snapshot => snapshot.Commit));
        Assert.Equal(["main"], list[0].Revisions);
        Assert.Equal(("org/name", 5L, 1, true), (list[1].Repository, list[1].Bytes, list[1].Files, list[1].IsComplete));
    }

    [Fact]
    public void HalfLoadedSnapshotsAreToldApart()
    {
        using var folder = new TempFolder();
        var cache = new HubCache(folder.Path);
        Put(folder, "org/name", One, "a", "1");
        string blobs = Path.Combine(folder.Path, "models--org--name", "blobs");
        Directory.CreateDirectory(blobs);
        File.WriteAllText(Path.Combine(blobs, "abc.incomplete"), "");
        Assert.False(cache.List().Single().IsComplete);
        Note(folder, "org/name", "main", One);
        Assert.True(cache.List().Single().IsComplete);
        File.CreateSymbolicLink(Path.Combine(cache.FindSnapshot("org/name")!, "b"), "../../blobs/absent");
        Assert.False(cache.List().Single().IsComplete);
    }

    [Fact]
    public void WhatTheUserTypesIsResolved()
    {
        using var folder = new TempFolder();
        var settings = new HubSettings { CacheFolder = folder.File("hub") };
        string Resolve(string text) => ModelLocator.Resolve(text, settings);
        Directory.CreateDirectory(folder.File("model"));
        File.WriteAllText(folder.File("model.gguf"), "");
        Assert.Equal(folder.File("model"), Resolve(folder.File("model")));
        Assert.Equal(folder.File("model.gguf"), Resolve(folder.File("model.gguf")));

        var hub = new TempFolder();
        using (hub)
        {
            settings = settings with { CacheFolder = hub.Path };
            string one = Put(hub, "org/name", One, "model.gguf", "");
            Note(hub, "org/name", "main", One);
            Assert.Equal(one, Resolve("org/name"));
            Assert.Equal(one, Resolve("org/name@" + One));
            Assert.Equal(Path.Combine(one, "model.gguf"), Resolve("org/name/model.gguf"));
            Refused("org/name/other.gguf", "'other.gguf' is not among", "percept pull org/name --include other.gguf");
            Refused("org/name@v9", "only at main, " + One, "percept pull org/name@v9");
            Refused("Org/Name", "'org/name', which is written otherwise");
            Refused("org/absent", "not in the cache", "percept pull org/absent");
            Refused("./org/absent", "no file or folder './org/absent'");
            Refused("models/absent.gguf", "no file or folder 'models/absent.gguf'. Check the path");
            Refused("~/absent", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
            Refused("https://huggingface.co/org/name", "an address");
            settings = settings with { Offline = true };
            Refused("org/absent", "HF_HUB_OFFLINE is set");
            Assert.Equal(one, Resolve("org/name"));
        }

        void Refused(string text, params string[] said)
        {
            FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => Resolve(text));
            Assert.All(said, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void AFolderTellsWhatItHolds()
    {
        using var folder = new TempFolder();
        Assert.Equal("unknown (no weights)", ModelFolder.Read(folder.Path).ToString());
        GgufWriter.Write(folder.File("m.gguf"), [new("general.architecture", GgufValue.Of("qwen2"))], []);
        GgufWriter.Write(folder.File("v.gguf"), [new("general.architecture", GgufValue.Of("clip"))], []);
        Assert.Equal("qwen2 (gguf, mmproj)", ModelFolder.Read(folder.Path).ToString());
        File.WriteAllText(folder.File("model.safetensors"), "");
        File.WriteAllText(folder.File("config.json"), """{"model_type": "llava"}""");
        Assert.Equal("llava (safetensors, gguf, mmproj)", ModelFolder.Read(folder.Path).ToString());
        File.WriteAllText(folder.File("config.json"), "{");
        Assert.Equal("qwen2", ModelFolder.Read(folder.Path).ModelType);
    }

    internal static string Put(TempFolder folder, string repository, string commit, string file, string content)
    {
        string root = Path.Combine(folder.Path, "models--" + repository.Replace("/", "--", StringComparison.Ordinal), "snapshots", commit);
        string path = Path.Combine(root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content, new UTF8Encoding(false));
        return root;
    }

    internal static void Note(TempFolder folder, string repository, string revision, string commit)
    {
        string path = Path.Combine(folder.Path, "models--" + repository.Replace("/", "--", StringComparison.Ordinal), "refs", revision);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, commit);
    }
}
