using Percept.Text;

namespace Percept.Models;

/// <summary>The text side of a processor: chat template and tokenizer.</summary>
internal static class PromptText
{
    /// <summary>The prompt of a conversation.</summary>
    /// <exception cref="NotSupportedException">There is no chat template.</exception>
    internal static string Render(LoadedTokenizer tokenizer, ChatTemplateInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        try
        {
            return tokenizer.RenderChat(input).Text;
        }
        catch (InvalidOperationException error)
        {
            throw new NotSupportedException(error.Message, error);
        }
    }

    /// <summary>The ids of a prompt, in which control tokens count as such unless they are quoted.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="addSpecialTokens">
    /// Whether the tokenizer adds its tokens; null: unless the prompt has the one for the beginning already.
    /// </param>
    internal static int[] Encode(LoadedTokenizer tokenizer, string prompt, bool? addSpecialTokens = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        bool adds = addSpecialTokens
            ?? !(tokenizer.Token("bos_token") is { Length: > 0 } bos && prompt.StartsWith(bos, StringComparison.Ordinal));
        return tokenizer.Tokenizer.EncodeQuoted(prompt, adds);
    }
}
