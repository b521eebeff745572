using Percept.Data;
using Percept.Models;

namespace Percept.Training;

/// <summary>The text that belongs to a picture: its caption, or what is answered about it.</summary>
internal static class PictureTexts
{
    /// <summary>The ids of the text.</summary>
    /// <exception cref="InvalidDataException">It has no tokens, or more than the model takes.</exception>
    internal static int[] Ids(DatasetSample sample, TowerTexts texts) => Ids(sample, texts.Encode);

    /// <summary>The ids of the text as a decoder learns to write it.</summary>
    /// <exception cref="InvalidDataException">It has no tokens, or more than the model takes.</exception>
    internal static int[] Written(DatasetSample sample, TowerTexts texts, int begin) => Ids(sample, text => texts.EncodeWritten(begin, text));

    private static int[] Ids(DatasetSample sample, Func<string, int[]> encode)
    {
        string text = sample.Caption ?? string.Join(
            ' ', sample.Messages.Where(message => message.Role == DataRoles.Assistant).Select(message => message.Text));
        try
        {
            return encode(text.Trim());
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{sample}: {error.Message}", error);
        }
    }
}
