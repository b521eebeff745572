namespace Percept.Text;

/// <summary>A part of a template: a text, or a named group of tokens.</summary>
/// <param name="Special">The name of the group; null for a text.</param>
/// <param name="Sequence">Which text: 0 or 1.</param>
/// <param name="TypeId">The type id of its tokens.</param>
public sealed record TemplatePiece(string? Special, int Sequence, int TypeId);

/// <summary>Puts the texts and tokens in the order of a template (<c>TemplateProcessing</c>).</summary>
public sealed class TemplatePostProcessor : PostProcessor
{
    private readonly TemplatePiece[] _single;
    private readonly TemplatePiece[] _pair;
    private readonly Dictionary<string, (int Id, string Token)[]> _special;

    /// <summary>Makes the step.</summary>
    /// <param name="single">The template for one text.</param>
    /// <param name="pair">The template for two texts.</param>
    /// <param name="special">The tokens of each named group.</param>
    /// <exception cref="InvalidDataException">A template names a group or a text that does not exist.</exception>
    public TemplatePostProcessor(
        IReadOnlyList<TemplatePiece> single, IReadOnlyList<TemplatePiece> pair,
        IReadOnlyDictionary<string, IReadOnlyList<(int Id, string Token)>> special)
    {
        ArgumentNullException.ThrowIfNull(special);
        _single = [.. single];
        _pair = [.. pair];
        _special = special.ToDictionary(item => item.Key, item => item.Value.ToArray(), StringComparer.Ordinal);
        foreach (TemplatePiece piece in _single.Concat(_pair))
        {
            if (piece.Special is { } name && !_special.ContainsKey(name))
            {
                throw new InvalidDataException(
                    $"The template names the token '{name}', which is not among its special tokens.");
            }
        }

        if (_single.Any(static piece => piece.Special is null && piece.Sequence != 0))
        {
            throw new InvalidDataException("The template for one text names a second text.");
        }
    }

    /// <inheritdoc/>
    public override int AddedTokens(bool pair) =>
        (pair ? _pair : _single).Sum(piece => piece.Special is { } name ? _special[name].Length : 0);

    internal override List<EncodingPart> Process(List<EncodingPart> parts, bool addSpecialTokens)
    {
        TemplatePiece[] template = parts.Count switch
        {
            1 => _single,
            2 => _pair,
            _ => throw new NotSupportedException(
                $"A template is applied to {parts.Count} parts, expected 1 or 2; use one template with all tokens."),
        };
        var result = new List<EncodingPart>(template.Length);
        foreach (TemplatePiece piece in template)
        {
            if (piece.Special is not { } name)
            {
                EncodingPart part = parts[piece.Sequence];
                part.SetTypeIds(piece.TypeId);
                part.SetSequence(piece.Sequence);
                result.Add(part.Clone());
            }
            else if (addSpecialTokens)
            {
                var part = new EncodingPart();
                foreach ((int id, string token) in _special[name])
                {
                    part.Add(id, token, default, piece.TypeId, true);
                }

                result.Add(part);
            }
        }

        return result;
    }
}
