using System.Globalization;
using System.Text;

namespace Percept.Reports;

/// <summary>How far a piece of work is.</summary>
/// <param name="State">What is going on, such as <c>training</c>, <c>finished</c> or <c>stopped</c>.</param>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps in all; 0 where nobody knows.</param>
public sealed record ReportProgress(string State, long Done, long Total)
{
    /// <summary>What stands at the right, such as the time left; null for nothing.</summary>
    public string? Side { get; init; }

    internal void Write(StringBuilder html)
    {
        html.Append("<div class=\"progress\">");
        if (Side is { } side)
        {
            html.Append("<span class=\"side\">").AppendText(side).Append("</span>");
        }

        html.Append("<strong>").AppendText(State).Append("</strong> ").Append(ReportNumber.Count(Done));
        if (Total > 0)
        {
            double share = Math.Clamp((double)Done / Total, 0, 1);
            html.Append(" / ").Append(ReportNumber.Count(Total)).Append(" (").Append(ReportNumber.Percent(share, 0)).Append(')');
            html.Append(
                CultureInfo.InvariantCulture,
                $"<div class=\"track\"><div class=\"fill\" style=\"width:{100 * share:0.##}%\"></div></div>");
        }

        html.Append("</div>\n");
    }
}
