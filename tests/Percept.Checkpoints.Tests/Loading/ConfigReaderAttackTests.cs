using System.Text;
using Percept.Tests;
using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>Configurations that are no good JSON, or hold what can't be meant.</summary>
public class ConfigReaderAttackTests
{
    [Theory]
    [InlineData("{\"\\ud800\": 1}")]
    [InlineData("{\"a\\udc00b\": null}")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    public void WhatIsNoObjectOfTextsIsRefused(string json) =>
        Refusal.Of<InvalidDataException>(() => ConfigReader.Parse(Encoding.UTF8.GetBytes(json), "config.json"), "config.json");

    [Fact]
    public void NamesThatAreNoUtf8AreRefused()
    {
        Refusal.Of<InvalidDataException>(() => ConfigReader.Parse([.. "{\""u8, 0xff, .. "\": 1}"u8], "config.json"), "config.json");
        ConfigReader outer = ConfigReader.Parse("""{"a": {"\ud800": 1}}"""u8, "config.json");
        Refusal.Of<InvalidDataException>(() => outer.Section("a"), "config.json", "'a'");
    }

    [Fact]
    public void DeepObjectsAreRefused()
    {
        string json = string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000);
        Refusal.Of<InvalidDataException>(() => ConfigReader.Parse(Encoding.UTF8.GetBytes(json), "config.json"), "config.json");
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("-1e400")]
    [InlineData("\"Infinity\"")]
    [InlineData("\"NaN\"")]
    [InlineData("\"∞\"")]
    [InlineData("\"1e400\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("true")]
    [InlineData("[1]")]
    [InlineData("{}")]
    public void NumbersAreFinite(string value)
    {
        ConfigReader config = ConfigReader.Parse(Encoding.UTF8.GetBytes($"{{\"eps\": {value}, \"list\": [{value}]}}"), "config.json");
        Refusal.Of<InvalidDataException>(() => config.Number("eps", 1), "eps", "config.json");
        Refusal.Of<InvalidDataException>(() => config.Int("eps", 1), "eps", "config.json");
        Refusal.Of<InvalidDataException>(() => config.FindNumbers("list"), "list", "config.json");
    }

    [Fact]
    public void AnErrorDoesNotRepeatAllOfALongValue()
    {
        string json = $"{{\"a\": [{string.Join(',', Enumerable.Repeat("1", 1_000_000))}]}}";
        ConfigReader config = ConfigReader.Parse(Encoding.UTF8.GetBytes(json), "config.json");
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => config.Number("a", 1));
        Assert.InRange(error.Message.Length, 1, 1000);
    }

    [Fact]
    public void AFileOfAnyLengthIsNotRead()
    {
        using var folder = new TempFolder();
        string path = folder.File("config.json");
        using (FileStream file = File.Create(path))
        {
            file.SetLength(1L << 33);
        }

        Refusal.Of<InvalidDataException>(() => ConfigReader.Read(path), path);
    }
}
