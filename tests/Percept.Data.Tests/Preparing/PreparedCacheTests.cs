using Xunit;

namespace Percept.Data.Tests.Preparing;

public sealed class PreparedCacheTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatWasMadeIsNotMadeAgain()
    {
        var cache = new PreparedCache(1000, _folder.Path);
        int made = 0;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal((byte[])[1, 2, 3], cache.GetOrMake(Key("x"), () => Make(ref made)));
        }

        Assert.Equal((1, 2L, 1L), (made, cache.MemoryHits, cache.Misses));
        var again = new PreparedCache(0, _folder.Path);
        Assert.Equal((byte[])[1, 2, 3], again.GetOrMake(Key("x"), () => Make(ref made)));
        Assert.Equal((1, 1L, 35L), (made, again.FolderHits, again.BytesInFolder));

        static byte[] Make(ref int count)
        {
            count++;
            return [1, 2, 3];
        }
    }

    [Fact]
    public void MemoryIsBoundedAndTheOldestGoesFirst()
    {
        var cache = new PreparedCache(250);
        foreach (string name in (string[])["a", "b", "a", "c"])
        {
            cache.GetOrMake(Key(name), () => new byte[100]);
        }

        Assert.Equal(200, cache.BytesInMemory);
        long hits = cache.MemoryHits;
        cache.GetOrMake(Key("a"), () => new byte[100]);
        Assert.Equal(hits + 1, cache.MemoryHits);
        cache.GetOrMake(Key("b"), () => new byte[100]);
        Assert.Equal(hits + 1, cache.MemoryHits);
        cache.GetOrMake(Key("huge"), () => new byte[251]);
        Assert.InRange(cache.BytesInMemory, 0, 250);
    }

    [Fact]
    public void TheFolderIsBounded()
    {
        var cache = new PreparedCache(0, _folder.Path, 300);
        for (int i = 0; i < 10; i++)
        {
            cache.GetOrMake(Key($"{i}"), () => new byte[68]);
            Assert.InRange(Directory.GetFiles(_folder.Path).Sum(file => new FileInfo(file).Length), 1, 300);
        }

        Assert.Equal(300, cache.BytesInFolder);
        var again = new PreparedCache(0, _folder.Path, 100);
        Assert.Equal(100, again.BytesInFolder);
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void ADamagedFileIsMadeAnew()
    {
        var cache = new PreparedCache(0, _folder.Path);
        cache.GetOrMake(Key("x"), () => [5, 6, 7]);
        string file = Directory.GetFiles(_folder.Path).Single();
        byte[] bytes = File.ReadAllBytes(file);
        foreach (byte[] wrong in (byte[][])[bytes[..^1], [], [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]])
        {
            File.WriteAllBytes(file, wrong);
            int made = 0;
            Assert.Equal((byte[])[5, 6, 7], cache.GetOrMake(Key("x"), () =>
            {
                made++;
                return [5, 6, 7];
            }));
            Assert.Equal(1, made);
        }
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("")]
    public void OnlyHashesAreKeys(string key) =>
        Assert.Throws<ArgumentException>(() => new PreparedCache(10, _folder.Path).GetOrMake(key, () => [1]));

    private static string Key(string name) => PreparedCache.Key(name, "test");
}
