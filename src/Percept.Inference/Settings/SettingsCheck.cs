using System.Globalization;

namespace Percept.Inference;

/// <summary>Checks of single settings, with one wording for all.</summary>
internal static class SettingsCheck
{
    /// <summary>Refuses a setting by its reference name.</summary>
    internal static void Require(bool holds, string name, object? value, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"The setting '{name}' is {value ?? "null"}, expected {expected}."));
        }
    }

    /// <summary>Refuses a number of tokens to keep below 1.</summary>
    internal static void Keep(int minTokensToKeep) =>
        Require(minTokensToKeep > 0, "min_tokens_to_keep", minTokensToKeep, "a whole number above 0");
}
