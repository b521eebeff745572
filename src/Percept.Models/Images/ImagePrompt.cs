using System.Text;

namespace Percept.Models;

/// <summary>Makes room in a prompt for what pictures become.</summary>
public static class ImagePrompt
{
    /// <summary>Puts as many marks in the place of each mark as the picture it stands for takes tokens.</summary>
    /// <param name="text">The prompt with one mark a picture.</param>
    /// <param name="mark">The mark: <c>&lt;image&gt;</c>.</param>
    /// <param name="counts">The tokens of the pictures of all prompts, in the order of their marks (see
    /// <see cref="ImagePlan.Tokens"/>).</param>
    /// <param name="used">How many of them are used up already; counts on.</param>
    /// <exception cref="ArgumentException">There are more marks than pictures.</exception>
    public static string Expand(string text, string mark, IReadOnlyList<int> counts, ref int used)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentException.ThrowIfNullOrEmpty(mark);
        ArgumentNullException.ThrowIfNull(counts);
        var expanded = new StringBuilder(text.Length);
        int at = 0;
        for (int next; (next = text.IndexOf(mark, at, StringComparison.Ordinal)) >= 0; at = next + mark.Length)
        {
            if (used >= counts.Count)
            {
                throw new ArgumentException(
                    $"The prompts have more marks '{mark}' than the {counts.Count} pictures that are given.", nameof(text));
            }

            expanded.Append(text, at, next - at).Insert(expanded.Length, mark, counts[used++]);
        }

        return expanded.Append(text, at, text.Length - at).ToString();
    }
}
