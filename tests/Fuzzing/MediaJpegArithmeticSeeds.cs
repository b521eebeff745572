namespace Percept.TestSupport;

/// <summary>Small arithmetic-coded JPEG files, and the same coefficients Huffman coded.</summary>
public static class MediaJpegArithmeticSeeds
{
    private const string SequentialText =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA4KCw0LCQ4NDA0QDw4RFiQXFhQUFiwgIRokNC43NjMuMjI6QVNGOj1OPjIySGJJTlZY" +
        "XV5dOEVmbWVabFNbXVn/2wBDAQ8QEBYTFioXFypZOzI7WVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZ" +
        "WVlZWVlZWVn/yQARCAASABUDASIAAhEBAxEB/8wACgAQEAUBEBEF/90ABAAB/9oADAMBAAIRAxEAPwD/AJyPos2rtdaCk72bHOfO" +
        "0P0OENRmvOANF1BDtRs46rkPjbPFWebCl7FmD8NqZzS3squwcY3WXEGrIZeFWQC8nwCtraNgcP/Q3Sm/dwfkPyQjbVto7Bh+HLiF" +
        "4cHO7Rs48rihkV0pwezVFWAo1uj/0f7L2mXevP8APsnRCthAE0cg0wOL+9bT947WASHIVJ2QKYiagwerVUD/0tIXfTnq4enu+3lX" +
        "0R77cFbfpsj/2Q==";

    private const string ProgressiveText =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA4KCw0LCQ4NDA0QDw4RFiQXFhQUFiwgIRokNC43NjMuMjI6QVNGOj1OPjIySGJJTlZY" +
        "XV5dOEVmbWVabFNbXVn/2wBDAQ8QEBYTFioXFypZOzI7WVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZ" +
        "WVlZWVlZWVn/ygARCAASABUDASIAAhEBAxEB/8wABgAQARD/2gAMAwEAAhADEAAAAf8AOxaEvsDNBpUlMkALJIOuBv/MAAQQBf/a" +
        "AAgBAQABBQIYHdCNoXzTBPMcSBGsGROd/8wABBEF/9oACAEDAQE/ASApX0+YewT/zAAEEQX/2gAIAQIBAT8BQc/iZLJ3rrBWQP/M" +
        "AAQQBf/aAAgBAQAGPwL6zNk4mJz/zAAEEAX/2gAIAQEAAT8hUCxTPAZlRXwfD4ssLzbE8UWa49QNe87RnaD/2gAMAwEAAgADAAAA" +
        "ENW8bP/MAAQRBf/aAAgBAwEBPxDxOCSMVyPA/8wABBEF/9oACAECAQE/EJoV8r7u4AbZvURbns+A/8wABBAF/9oACAEBAAE/EMqB" +
        "/klLMF+7wqZ0NPI6TMhtknC4pC+AAaIyvGAD6bGJqJXLiv8Au1Mh4kZtUP/Z";

    private const string HuffmanText =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA4KCw0LCQ4NDA0QDw4RFiQXFhQUFiwgIRokNC43NjMuMjI6QVNGOj1OPjIySGJJTlZY" +
        "XV5dOEVmbWVabFNbXVn/2wBDAQ8QEBYTFioXFypZOzI7WVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZ" +
        "WVlZWVlZWVn/wAARCAASABUDASIAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAAAAUGA//EACcQAAIBAwIEBwEAAAAAAAAAAAEC" +
        "AAMFEQQhEiIxYRQyNFFygaHB/8QAFwEBAQEBAAAAAAAAAAAAAAAABAMABf/EACMRAAEDAwIHAAAAAAAAAAAAAAEAAgMREnEEMiEi" +
        "M0FRgbH/2gAMAwEAAhEDEQA/AMdotOMry5J/JsLQiUUNWphURSzHHQAZ6SFo6O4z2miYNQs2pdQMleHffZiFP4YjUUcA0I7xfRvl" +
        "crNRXwnMg7EbRKVmpKujGQDn3ETlTzNEhuLfY4pMp5ys5pPMPiJTubFbPT4SRxVUBwevKx/giI+fezKjF1G5CvWP07fUREk3vk/S" +
        "tNvK/9k=";

    private const string SequentialGrayText =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7" +
        "Pj4+JS5ESUM8SDc9Pjv/yQALCAAJABEBAREA/8wABgAQEAX/2gAIAQEAAD8A/wCx8zkegQPphWuZLY+0OhbFNlOCcteZqrym8RwK" +
        "4mXDtDvYiMjSwO7Vtzv5jtvnxWAOfhpHND+mlpkRHhHplHwbda86ipbA/9k=";

    private const string HuffmanGrayText =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7" +
        "Pj4+JS5ESUM8SDc9Pjv/wAALCAAJABEBAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABgcD/8QAKBAAAQIDBAsAAAAAAAAAAAAAAQID" +
        "AAQRBRIhMQYUIjVBYnJ0o7Gy/9oACAEBAAA/AJ3ZkkLydkEnHHhFD0eaZlW1TL1ENNIK1G7WgAqTTPLGB+pcnijOzc09I9w6lNxT" +
        "/av/AAYMR//Z";

    /// <summary>21×18, three components, sequential, a restart marker behind every MCU.</summary>
    public static byte[] Sequential => Convert.FromBase64String(SequentialText);

    /// <summary>The coefficients of <see cref="Sequential"/>, progressive with all kinds of scans.</summary>
    public static byte[] Progressive => Convert.FromBase64String(ProgressiveText);

    /// <summary>The coefficients of <see cref="Sequential"/>, Huffman coded.</summary>
    public static byte[] Huffman => Convert.FromBase64String(HuffmanText);

    /// <summary>17×9, one component, sequential.</summary>
    public static byte[] SequentialGray => Convert.FromBase64String(SequentialGrayText);

    /// <summary>The coefficients of <see cref="SequentialGray"/>, Huffman coded.</summary>
    public static byte[] HuffmanGray => Convert.FromBase64String(HuffmanGrayText);

    /// <summary>All files that are arithmetic coded.</summary>
    public static IReadOnlyList<byte[]> All() => [Sequential, Progressive, SequentialGray];
}
