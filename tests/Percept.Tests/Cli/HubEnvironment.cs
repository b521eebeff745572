using Xunit;

namespace Percept.Tests.Cli;

/// <summary>Variables of the hub for the time of a test; tests that use them run one after the other.</summary>
[CollectionDefinition(nameof(HubEnvironment), DisableParallelization = true)]
public sealed class HubEnvironment : IDisposable
{
    private static readonly string[] s_names =
    [
        "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "HF_ENDPOINT", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH",
        "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_IMPLICIT_TOKEN",
    ];

    private readonly Dictionary<string, string?> _before = [];

    internal HubEnvironment(params (string Name, string Value)[] variables)
    {
        foreach (string name in s_names)
        {
            _before[name] = Environment.GetEnvironmentVariable(name);
            Environment.SetEnvironmentVariable(name, variables.FirstOrDefault(pair => pair.Name == name).Value);
        }
    }

    public void Dispose()
    {
        foreach ((string name, string? value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }
}
