namespace Percept.Data;

/// <summary>Makes samples of pictures with a caption or a class.</summary>
internal static class CaptionSample
{
    /// <summary>Media, and the caption as the answer to them.</summary>
    internal static DatasetSample Of(IReadOnlyList<DataPart> media, string caption) => new()
    {
        Id = "",
        Messages = [new DataMessage(DataRoles.User, media), DataMessage.Assistant(caption)],
        Caption = caption,
    };

    /// <summary>A picture, and the name of its class as the answer to it.</summary>
    internal static DatasetSample OfClass(MediaReference picture, string label, int index) => new()
    {
        Id = picture.Name,
        Messages = [DataMessage.User(picture), DataMessage.Assistant(label)],
        Label = label,
        LabelIndex = index,
    };
}
