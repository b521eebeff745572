using System.Globalization;
using System.Text.Json;
using Percept.Checkpoints.Tests;
using Percept.Cli;
using Xunit;

namespace Percept.Tests.Cli;

/// <summary><c>percept pull</c> and <c>percept list</c> against a hub on this machine.</summary>
[Collection(nameof(HubEnvironment))]
public sealed class HubCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeHub _hub = new();
    private readonly HubEnvironment _environment;

    public HubCommandTests()
    {
        _hub.Add("config.json", """{"model_type": "llava"}"""u8.ToArray());
        _hub.Add("model.safetensors", new byte[2_500_000], large: true);
        _hub.Add("tf_model.h5", new byte[100]);
        _environment = new HubEnvironment(("HF_HOME", _folder.Path), ("HF_ENDPOINT", _hub.Address.AbsoluteUri), ("HF_TOKEN", "hf_secret"));
    }

    public void Dispose()
    {
        _environment.Dispose();
        _hub.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void AModelIsPulledAndListed()
    {
        (int code, string output, string error) = Run("pull", "org/name");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("  model.safetensors (2.5 MB)", output, StringComparison.Ordinal);
        Assert.Contains("2 files, 2.5 MB", output, StringComparison.Ordinal);
        Assert.Contains("left out, of a format that Percept does not use: tf_model.h5", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", output, StringComparison.Ordinal);
        (_, output, _) = Run("pull", "org/name");
        Assert.Contains("all there already", output, StringComparison.Ordinal);

        (code, output, _) = Run("list");
        Assert.Equal(0, code);
        Assert.Contains("1 models in", output, StringComparison.Ordinal);
        Assert.Contains("org/name  main  2.5 MB  llava (safetensors)", output, StringComparison.Ordinal);
    }

    [Fact]
    public void JsonIsOneDocument()
    {
        (int code, string output, _) = Run("pull", "org/name", "--include", "*.json", "--include", "*.h5", "--json");
        Assert.Equal(0, code);
        JsonElement pulled = JsonDocument.Parse(output).RootElement;
        Assert.Equal(FakeHub.Commit, pulled.GetProperty("commit").GetString());
        Assert.Equal(["config.json", "tf_model.h5"], pulled.GetProperty("files").EnumerateArray().Select(file => file.GetString()));
        Assert.Equal("not included", pulled.GetProperty("skipped").GetProperty("model.safetensors").GetString());
        Assert.True(File.Exists(Path.Combine(pulled.GetProperty("folder").GetString()!, "tf_model.h5")));

        JsonElement listed = JsonDocument.Parse(Run("list", "--json").Output).RootElement.GetProperty("models")[0];
        Assert.Equal(
            ("org/name", "llava", true),
            (listed.GetProperty("name").GetString(), listed.GetProperty("model_type").GetString(), listed.GetProperty("complete").GetBoolean()));
    }

    [Fact]
    public void WhatGoesWrongIsOneLine()
    {
        (int code, _, string error) = Run("pull", "org/absent");
        Assert.Equal(2, code);
        Assert.StartsWith("percept: The hub has no model 'org/absent' (404)", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Equal(2, Run("pull", "../x").Code);
        Assert.Equal(2, Run("pull").Code);
        Assert.Contains("no models in", Run("list").Output, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        int code = PerceptCommand.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
