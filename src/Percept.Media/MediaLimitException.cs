namespace Percept.Media;

/// <summary>A picture, sound or clip asks for more than <see cref="MediaLimits"/> allows.</summary>
public sealed class MediaLimitException : NotSupportedException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was asked for, what is allowed, and how to allow more.</param>
    /// <param name="limit">The property of <see cref="MediaLimits"/> that would have to be raised; null for none.</param>
    public MediaLimitException(string message, string? limit = null)
        : base(message)
    {
        Limit = limit;
    }

    /// <summary>The property of <see cref="MediaLimits"/> that would have to be raised; null for none.</summary>
    public string? Limit { get; }
}
