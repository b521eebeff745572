namespace Percept.Training;

/// <summary>What a predicted box costs for a target; the defaults are those of Deformable DETR.</summary>
public sealed record MatchingCosts
{
    /// <summary>The weight of the class.</summary>
    public float Class { get; set; } = 2;

    /// <summary>The weight of Σ |box − target|.</summary>
    public float L1 { get; set; } = 5;

    /// <summary>The weight of −GIoU.</summary>
    public float Giou { get; set; } = 2;

    /// <summary>
    /// The focal cost's weight of positives; null for −softmax probability instead, as in the first DETR.
    /// </summary>
    public float? Alpha { get; set; } = 0.25f;

    /// <summary>The focal cost's power.</summary>
    public float Gamma { get; set; } = 2;

    /// <summary>What the four numbers of a box are.</summary>
    public BoxFormat Format { get; set; }
}
