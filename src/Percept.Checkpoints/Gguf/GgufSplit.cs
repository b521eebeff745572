using System.Globalization;
using System.Text.RegularExpressions;

namespace Percept.Checkpoints;

/// <summary>The names of the parts of a GGUF model that is split: <c>name-00001-of-00003.gguf</c>.</summary>
internal static partial class GgufSplit
{
    /// <summary>The number of a part, from 1; null when the name is no part's.</summary>
    internal static int? Number(string name) =>
        Pattern().Match(name) is { Success: true } match
            ? int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture)
            : null;

    /// <summary>The names of all parts, in order; null when the name is no part's or names another count.</summary>
    internal static string[]? Names(string name, int count)
    {
        Match match = Pattern().Match(name);
        return match.Success && int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture) == count
            ?
            [
                .. Enumerable.Range(1, count).Select(i => string.Create(
                    CultureInfo.InvariantCulture, $"{match.Groups[1].Value}-{i:d5}-of-{count:d5}.gguf")),
            ]
            : null;
    }

    [GeneratedRegex(@"^(.+)-([0-9]{5})-of-([0-9]{5})\.gguf$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
