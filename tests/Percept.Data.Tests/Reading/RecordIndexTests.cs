using System.Text;
using Xunit;

namespace Percept.Data.Tests.Reading;

public sealed class RecordIndexTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void RecordsOfAnArrayAreFoundWhateverIsInTheirTexts()
    {
        string[] records = ["""{"a": "]}\"[{,\\"}""", "{\n\"b\": [1, {\"c\": [2]}]\n}", "{}", "\"plain, text\"", "17"];
        RecordIndex index = Open("\uFEFF  [ " + string.Join(" ,\n ", records) + " ]\n\n");
        Assert.Equal(records, Enumerable.Range(0, index.Count).Select(i => Encoding.UTF8.GetString(index.Read(i)).Trim()));
        Assert.Equal([1, 2, 5, 6, 7], Enumerable.Range(0, index.Count).Select(index.Line));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void LinesAreRecordsAndBlankOnesAreNot(string end)
    {
        RecordIndex index = Open($"{{\"a\":1}}{end}{end}  {end}{{broken{end}{{\"b\":2}}");
        Assert.Equal(["{\"a\":1}", "{broken", "{\"b\":2}"], Enumerable.Range(0, index.Count).Select(i => Encoding.UTF8.GetString(index.Read(i)).Trim()));
        Assert.Equal([1, 4, 5], Enumerable.Range(0, index.Count).Select(index.Line));
    }

    [Fact]
    public void RecordsThatCrossTheBufferAreWhole()
    {
        string[] records = [.. Enumerable.Range(0, 40).Select(i => $"{{\"text\": \"{new string((char)('a' + (i % 26)), 20_000 + i)}\"}}")];
        RecordIndex index = Open("[" + string.Join(",", records) + "]");
        Assert.Equal(records, Enumerable.Range(0, index.Count).Select(i => Encoding.UTF8.GetString(index.Read(i))));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("   \n ", "blank")]
    [InlineData("hello", "'h'")]
    [InlineData("[{\"a\": 1}", "not closed")]
    [InlineData("[{\"a\": 1}, {\"b\"", "line 1")]
    [InlineData("[{}] {}", "follows")]
    public void WhatIsNoListOfRecordsIsRefused(string text, string reason)
    {
        var error = Assert.Throws<InvalidDataException>(() => Open(text));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ManyThreadsMayReadAtOnce()
    {
        RecordIndex index = Open("[" + string.Join(",", Enumerable.Range(0, 500)) + "]");
        int[] values = [.. Enumerable.Range(0, 500).AsParallel().AsOrdered().Select(i => int.Parse(Encoding.UTF8.GetString(index.Read(i)), System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(Enumerable.Range(0, 500), values);
    }

    private RecordIndex Open(string text)
    {
        File.WriteAllText(_folder.File("x.json"), text, new UTF8Encoding(false));
        return RecordIndex.Open(_folder.File("x.json"));
    }
}
