namespace Percept.Data;

/// <summary>How a dataset is laid out on disk.</summary>
public enum DataFormat
{
    /// <summary>
    /// Records of JSON, as one array or one a line: LLaVA, ShareGPT, Alpaca, messages, preference pairs, captions. Each record is
    /// told by its keys.
    /// </summary>
    Records,

    /// <summary>A folder of pictures with <c>metadata.jsonl</c> or <c>metadata.csv</c>, or with a text file beside each.</summary>
    CaptionFolder,

    /// <summary>A folder with one folder of pictures for each class.</summary>
    ClassFolder,

    /// <summary>Two files of the MNIST layout: pictures and labels.</summary>
    Idx,
}
