using System.Net;
using System.Net.Http.Headers;

namespace Percept.Checkpoints;

/// <summary>
/// Asks the hub: follows redirects by hand so that the token stays with the hub, and tries again what may pass.
/// </summary>
internal sealed class HubHttp : IDisposable
{
    private const int MaxRedirects = 5;
    private const int Attempts = 5;
    private const int MaxAnswer = 64 << 20;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);

    private readonly HubSettings _settings;
    private readonly HttpClient _client;

    internal HubHttp(HubSettings settings)
    {
        _settings = settings;

        // Proxies come from the environment (HTTPS_PROXY, NO_PROXY) or the system.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("percept", "0.1"));
        _client.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
    }

    /// <summary>How long the first wait before another try is; each further one is twice as long.</summary>
    internal TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long no byte may come before a connection counts as dead.</summary>
    internal TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    public void Dispose() => _client.Dispose();

    /// <summary>Where a redirect leads; throws when it may not be followed.</summary>
    internal static Uri Follow(Uri from, Uri? location)
    {
        return location is not null && Uri.TryCreate(from, location, out Uri? to) && to.Scheme is "https" or "http"
            && !(from.Scheme == "https" && to.Scheme == "http")
            ? to
            : throw new HubException(
                $"The hub at '{from.GetLeftPart(UriPartial.Authority)}' sends on to '{HubPath.Printable(location?.ToString() ?? "nowhere")}', " +
                "which is no safe address. Check HF_ENDPOINT.");
    }

    /// <summary>Whether an address may see the token: scheme, host and port are the hub's own.</summary>
    internal bool IsHub(Uri address) =>
        Uri.Compare(address, _settings.Endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>The whole body of a small answer.</summary>
    internal Task<byte[]> GetAsync(Uri address, string what, CancellationToken cancellation) =>
        TryAsync(
            what,
            async token =>
            {
                using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, address, 0, what, token).ConfigureAwait(false);
                using Stream body = await answer.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
                using var whole = new MemoryStream();
                var buffer = new byte[1 << 16];
                for (int count; (count = await ReadAsync(body, buffer, token).ConfigureAwait(false)) > 0;)
                {
                    whole.Write(buffer, 0, count);
                    if (whole.Length > MaxAnswer)
                    {
                        throw new InvalidDataException($"The hub's answer about {what} has more than {MaxAnswer} bytes. Check HF_ENDPOINT.");
                    }
                }

                return whole.ToArray();
            },
            null,
            cancellation);

    /// <summary>Reads a part of a body; a connection on which nothing comes any more is an error that may pass.</summary>
    internal async ValueTask<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Silence);
        try
        {
            return await body.ReadAsync(buffer, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"nothing came for {Silence.TotalSeconds} seconds", error);
        }
    }

    /// <summary>Does something until it succeeds, or fails in a way that won't pass.</summary>
    /// <param name="what">What is asked for, for errors.</param>
    /// <param name="action">What to do.</param>
    /// <param name="again">Called before another try with the reason; null for nothing.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async Task<T> TryAsync<T>(
        string what, Func<CancellationToken, Task<T>> action, Action<string>? again, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan wait = Pause * Math.Pow(2, attempt - 1);
            string reason;
            try
            {
                return await action(cancellation).ConfigureAwait(false);
            }
            catch (PassingException passing) when (attempt < Attempts)
            {
                reason = passing.Message;
                wait = passing.Wait is { } asked && asked > wait ? asked : wait;
            }
            catch (PassingException passing)
            {
                throw new HubException($"The hub did not give {what}: {passing.Message}, tried {attempt} times. Try again later.", passing);
            }
            catch (Exception error) when (error is HttpRequestException or HttpIOException && !cancellation.IsCancellationRequested)
            {
                if (attempt >= Attempts)
                {
                    throw new HubException(
                        $"'{_settings.Endpoint.Host}' did not give {what}: {Reason(error)}, tried {attempt} times. Check the network, a proxy (HTTPS_PROXY) and " +
                        "HF_ENDPOINT; what has come is kept.",
                        error);
                }

                reason = Reason(error);
            }

            again?.Invoke(reason);
            await Task.Delay(wait < s_longestWait ? wait : s_longestWait, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a request and follows redirects. The answer is one of success, or to a range that is past the end.</summary>
    /// <exception cref="HubException">The hub refuses.</exception>
    internal async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, long from, string what, CancellationToken cancellation, bool followAway = true)
    {
        for (int hop = 0; ; hop++)
        {
            using var request = new HttpRequestMessage(method, address);
            if (from > 0)
            {
                request.Headers.Range = new RangeHeaderValue(from, null);
            }

            if (_settings.Token is { } token && IsHub(address))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            HttpResponseMessage answer = await HeadersAsync(request, cancellation).ConfigureAwait(false);
            bool isRedirect = (int)answer.StatusCode is 301 or 302 or 303 or 307 or 308;
            if (answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return answer;
            }

            if (isRedirect && !followAway && !IsHub(Follow(address, answer.Headers.Location)))
            {
                return answer;
            }

            using (answer)
            {
                if (!isRedirect)
                {
                    throw HubRefusal.Of(answer, what, _settings);
                }

                address = hop < MaxRedirects
                    ? Follow(address, answer.Headers.Location)
                    : throw new HubException($"The hub sends on more than {MaxRedirects} times for {what}. Check HF_ENDPOINT.");
            }
        }
    }

    private static string Reason(Exception error) => error.InnerException is { } inner && error.Message.Length == 0 ? inner.Message : error.Message;

    private async Task<HttpResponseMessage> HeadersAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Silence);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"nothing came for {Silence.TotalSeconds} seconds", error);
        }
    }

    /// <summary>An answer that may be another one later.</summary>
    internal sealed class PassingException(string message, TimeSpan? wait = null) : Exception(message)
    {
        internal TimeSpan? Wait { get; } = wait;
    }
}
