namespace Percept.Text;

/// <summary>How short texts are filled up.</summary>
public sealed record PaddingOptions
{
    /// <summary>The length of every text; null: that of the longest one of the batch.</summary>
    public int? Length { get; init; }

    /// <summary>The length is raised to a multiple of this; null: it is not.</summary>
    public int? MultipleOf { get; init; }

    /// <summary>The side where tokens are put.</summary>
    public TextSide Side { get; init; }

    /// <summary>The id of the padding token.</summary>
    public int Id { get; init; }

    /// <summary>The type id of the padding token.</summary>
    public int TypeId { get; init; }

    /// <summary>The padding token.</summary>
    public string Token { get; init; } = "[PAD]";
}
