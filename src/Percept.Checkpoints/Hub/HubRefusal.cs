using System.Net;

namespace Percept.Checkpoints;

/// <summary>Says in plain words why the hub refuses, and what to do.</summary>
internal static class HubRefusal
{
    /// <summary>The error for an answer that is none of success.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="what">What was asked for.</param>
    /// <param name="settings">Who asked whom.</param>
    internal static Exception Of(HttpResponseMessage answer, string what, HubSettings settings)
    {
        int status = (int)answer.StatusCode;
        string code = answer.Headers.TryGetValues("X-Error-Code", out IEnumerable<string>? codes) ? codes.First() : "";
        if (status is 408 or 429 or >= 500)
        {
            return new HubHttp.PassingException($"it answers {status}", answer.Headers.RetryAfter?.Delta);
        }

        bool hasToken = settings.Token is not null;
        string message = (answer.StatusCode, code) switch
        {
            (_, "GatedRepo") or (HttpStatusCode.Forbidden, _) =>
                $"The hub does not give {what} ({status}): its owner must let you in. Ask on its page at {settings.Endpoint}, then " +
                (hasToken ? "pull again with a token (HF_TOKEN) of that account." : "set HF_TOKEN to a token of that account."),
            (HttpStatusCode.Unauthorized, _) when hasToken =>
                $"The hub does not give {what} (401): it does not exist, or the token may not read it. " +
                "Check the name, and that HF_TOKEN is valid.",
            (HttpStatusCode.Unauthorized, _) =>
                $"The hub does not give {what} (401): it does not exist, or is private. " +
                "Check the name, or set HF_TOKEN to a token that may read it.",
            (HttpStatusCode.NotFound, "RevisionNotFound") =>
                $"The hub has no such revision of {what} (404). Check the branch, tag or commit behind '@'.",
            (HttpStatusCode.NotFound, "EntryNotFound") => $"The hub has no {what} (404). Its list has changed; pull again.",
            (HttpStatusCode.NotFound, _) =>
                $"The hub has no {what} (404). Check the name" + (hasToken ? "." : ", or set HF_TOKEN if it is private."),
            _ => $"The hub does not give {what}: it answers {status}. Check HF_ENDPOINT ({settings.Endpoint}).",
        };
        return new HubException(message, answer.StatusCode);
    }
}
