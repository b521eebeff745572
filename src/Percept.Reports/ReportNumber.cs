using System.Globalization;

namespace Percept.Reports;

/// <summary>Numbers as reports write them: with a point, on every machine.</summary>
public static class ReportNumber
{
    /// <summary>A number with so many decimals; "–" where it is not a number, "∞" and "−∞" where it has no bound.</summary>
    /// <param name="value">The number.</param>
    /// <param name="decimals">Digits after the point.</param>
    public static string Fixed(double value, int decimals = 2) =>
        Unusual(value) ?? value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>A share as percent.</summary>
    /// <param name="share">1 for all.</param>
    /// <param name="decimals">Digits after the point.</param>
    public static string Percent(double share, int decimals = 1) =>
        Unusual(share) ?? Fixed(100 * share, decimals) + " %";

    /// <summary>A number with so many digits that count, without needless zeros; very large and small ones as powers of ten.</summary>
    /// <param name="value">The number.</param>
    /// <param name="digits">Digits that count.</param>
    public static string Short(double value, int digits = 4)
    {
        if (Unusual(value) is { } text)
        {
            return text;
        }

        string result = value.ToString("G" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return result.Replace("E+0", "e", StringComparison.Ordinal).Replace("E-0", "e-", StringComparison.Ordinal)
            .Replace("E+", "e", StringComparison.Ordinal).Replace('E', 'e');
    }

    /// <summary>A count with blanks between thousands.</summary>
    /// <param name="count">The count.</param>
    public static string Count(long count) =>
        count.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u00A0');

    private static string? Unusual(double value) =>
        double.IsNaN(value) ? "–" : double.IsPositiveInfinity(value) ? "∞" : double.IsNegativeInfinity(value) ? "−∞" : null;
}
