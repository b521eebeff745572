namespace Percept.Media;

/// <summary>A picture, sound or clip asks for more than <see cref="MediaLimits"/> allows.</summary>
public sealed class MediaLimitException : NotSupportedException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What was asked for, what is allowed, and how to allow more.</param>
    public MediaLimitException(string message)
        : base(message)
    {
    }
}
