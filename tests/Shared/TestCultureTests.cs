using Xunit;

namespace Percept.TestSupport;

public class TestCultureTests
{
    [Fact]
    public async Task TheCultureAskedForIsInForceOnEveryThread()
    {
        string expected = TestCulture.Name is null
            ? 1.5.ToString(System.Globalization.CultureInfo.CurrentCulture)
            : "1,5";
        Assert.Equal(expected, FormattableText());
        Assert.Equal(expected, await Task.Run(FormattableText, TestContext.Current.CancellationToken));
        string? other = null;
        var thread = new Thread(() => other = FormattableText());
        thread.Start();
        thread.Join();
        Assert.Equal(expected, other);
    }

    private static string FormattableText() => $"{1.5}";
}
