namespace Percept.Text;

/// <summary>The ids that a post-processor puts around one text.</summary>
/// <param name="Before">Those before it.</param>
/// <param name="After">Those behind it.</param>
internal sealed record AddedIds(int[] Before, int[] After)
{
    internal static AddedIds None { get; } = new([], []);

    /// <summary>Learns them from what the post-processor does with a text of one token.</summary>
    internal static AddedIds Of(PostProcessor? processor)
    {
        if (processor is null)
        {
            return None;
        }

        const int Text = -1;
        var part = new EncodingPart();
        part.Add(Text, "", default, 0, false);
        List<int> ids = [.. processor.Process([part], addSpecialTokens: true).SelectMany(static item => item.Ids)];
        int at = ids.IndexOf(Text);
        return at < 0 || ids.LastIndexOf(Text) != at
            ? throw new NotSupportedException(
                "The post-processor uses the text less or more than once; use Encode instead of EncodeIds for it.")
            : new AddedIds([.. ids[..at]], [.. ids[(at + 1)..]]);
    }
}
