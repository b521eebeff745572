using System.Globalization;
using System.Runtime.CompilerServices;

namespace Percept.TestSupport;

/// <summary>
/// Runs the whole suite under the culture that the environment variable PERCEPT_TEST_CULTURE names. Linked into every
/// test project.
/// </summary>
internal static class TestCulture
{
    public const string Variable = "PERCEPT_TEST_CULTURE";

    /// <summary>The culture asked for; null when the suite runs under the machine's own.</summary>
    public static string? Name { get; } =
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name ? name : null;

    [ModuleInitializer]
    internal static void Apply()
    {
        if (Name is null)
        {
            return;
        }

        CultureInfo culture = Make(Name);
        CultureInfo.DefaultThreadCurrentCulture = culture;
        CultureInfo.DefaultThreadCurrentUICulture = culture;
        CultureInfo.CurrentCulture = culture;
        CultureInfo.CurrentUICulture = culture;
    }

    /// <summary>Where the machine has no culture data, the invariant culture with a decimal comma stands in.</summary>
    private static CultureInfo Make(string name)
    {
        CultureInfo? known = null;
        try
        {
            known = new CultureInfo(name);
        }
        catch (CultureNotFoundException)
        {
        }

        if (known is { NumberFormat.NumberDecimalSeparator: "," })
        {
            return known;
        }

        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        return culture;
    }
}
