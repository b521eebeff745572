using Percept.Text;

namespace Percept.Models;

/// <summary>
/// Prompts of LLaVA's own code: the text is cut at <c>&lt;image&gt;</c>, each piece is tokenized by itself, and a number that is
/// no token stands between.
/// </summary>
/// <remarks>Reference: haotian-liu/LLaVA, <c>mm_utils.py</c>, <c>tokenizer_image_token</c>.</remarks>
public static class MarkedPrompt
{
    /// <summary>What stands for a picture in the text.</summary>
    public const string Image = "<image>";

    /// <summary>What stands for a picture among the ids: −200.</summary>
    public const int ImageId = LlavaOriginalSettings.Mark;

    /// <summary>The ids of a prompt.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="prompt">The text; control tokens in it count as such.</param>
    /// <param name="mark">What stands for a picture among the ids.</param>
    public static IReadOnlyList<int> Encode(LoadedTokenizer tokenizer, string prompt, int mark = ImageId)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(prompt);
        int? begin = tokenizer.TokenId("bos_token");
        var ids = new List<int>();
        string[] pieces = prompt.Split(Image);
        bool drops = false;
        for (int i = 0; i < pieces.Length; i++)
        {
            int[] piece = PromptText.Encode(tokenizer, pieces[i], addSpecialTokens: true);
            if (i == 0)
            {
                drops = piece.Length > 0 && piece[0] == begin;
                ids.AddRange(piece);
                continue;
            }

            ids.Add(mark);
            ids.AddRange(drops && piece.Length > 0 ? piece[1..] : piece);
        }

        return ids;
    }
}
