using Percept.TestSupport;
using Xunit;

namespace Percept.Checkpoints.Tests;

/// <summary>Checks that something is refused as it should be.</summary>
internal static class Refusal
{
    /// <summary>Expects an error of a type that files may give, whose message has all of some texts.</summary>
    internal static void Of<T>(Action action, params string[] said)
        where T : Exception
    {
        T error = Assert.Throws<T>(action);
        Assert.True(Fuzzer.IsTyped(error) || error is IOException or ArgumentException, error.GetType().Name);
        foreach (string text in said)
        {
            Assert.Contains(text, error.Message, StringComparison.Ordinal);
        }
    }
}
