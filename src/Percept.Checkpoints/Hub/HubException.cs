using System.Net;

namespace Percept.Checkpoints;

/// <summary>The hub did not give what was asked for; the message says why and what to do next.</summary>
public sealed class HubException : IOException
{
    /// <summary>Makes one without a status.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="inner">What lies behind it.</param>
    public HubException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Makes one for an answer.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="status">The answer's status.</param>
    public HubException(string message, HttpStatusCode status)
        : base(message)
    {
        Status = status;
    }

    /// <summary>The status of the hub's answer; null when there was none.</summary>
    public HttpStatusCode? Status { get; }
}
