using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Percept.Evaluation;

/// <summary>
/// A client of servers that speak the chat protocol of OpenAI (<c>POST …/chat/completions</c>), as llama.cpp, vLLM, Ollama and many others
/// do: texts and pictures go there, one text comes back.
/// </summary>
/// <remarks>Safe for several threads. Tools and answers piece by piece are not asked for: an answer streamed is one piece.</remarks>
public sealed class OpenAiChatClient : IChatClient
{
    private const int MostErrorLetters = 300;

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly string _model;

    /// <summary>Makes a client.</summary>
    /// <param name="address">The server's address up to the version, such as <c>http://localhost:8080/v1</c>.</param>
    /// <param name="model">The model's name on that server.</param>
    /// <param name="apiKey">The key that the server wants; null for none.</param>
    /// <param name="handler">Sends requests; null for the system's way.</param>
    /// <exception cref="ArgumentException">The address is none of HTTP.</exception>
    public OpenAiChatClient(Uri address, string model, string? apiKey = null, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(model);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"'{address}' is no address of HTTP; give one like http://localhost:8080/v1.", nameof(address));
        }

        _address = new Uri(address.AbsoluteUri.TrimEnd('/') + "/chat/completions");
        _model = model;
        _http = handler is null ? new HttpClient() : new HttpClient(handler);
        _http.Timeout = TimeSpan.FromMinutes(10);
        if (apiKey is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }

        Metadata = new ChatClientMetadata("openai-compatible", address, model);
    }

    /// <summary>What the client says of itself.</summary>
    public ChatClientMetadata Metadata { get; }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The server cannot be reached, or refuses.</exception>
    /// <exception cref="TimeoutException">It does not answer within ten minutes.</exception>
    /// <exception cref="InvalidDataException">What it sends back is no answer.</exception>
    /// <exception cref="NotSupportedException">A content is neither text nor picture.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        using var content = new StringContent(Request(messages, options).ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Send(content, cancellationToken).ConfigureAwait(false);
        string body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? Read(body)
            : throw new HttpRequestException(
                $"'{_address}' answered {(int)response.StatusCode}: {Shortened(body)}", null, response.StatusCode);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatResponse response = await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        foreach (ChatResponseUpdate update in response.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(Metadata) ? Metadata
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> Send(HttpContent content, CancellationToken cancellation)
    {
        try
        {
            return await _http.PostAsync(_address, content, cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException error)
        {
            throw new HttpRequestException(
                $"'{_address}' cannot be reached: {error.Message}. Start the server, or check the address.", error, error.StatusCode);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"'{_address}' did not answer within {_http.Timeout.TotalMinutes:0} minutes.", error);
        }
    }

    private JsonObject Request(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var list = new JsonArray();
        if (options?.Instructions is { Length: > 0 } instructions)
        {
            list.Add((JsonNode)new JsonObject { ["role"] = "system", ["content"] = instructions });
        }

        foreach (ChatMessage message in messages)
        {
            var parts = new JsonArray([.. message.Contents.Select(part => (JsonNode)Part(part))]);
            list.Add((JsonNode)new JsonObject { ["role"] = message.Role.Value, ["content"] = parts });
        }

        var request = new JsonObject { ["model"] = options?.ModelId ?? _model, ["messages"] = list };
        if (options?.Temperature is { } temperature)
        {
            request["temperature"] = temperature;
        }

        if (options?.TopP is { } share)
        {
            request["top_p"] = share;
        }

        if (options?.MaxOutputTokens is { } most)
        {
            request["max_tokens"] = most;
        }

        if (options?.Seed is { } seed)
        {
            request["seed"] = seed;
        }

        if (options?.StopSequences is { Count: > 0 } stops)
        {
            request["stop"] = new JsonArray([.. stops.Select(stop => (JsonNode)JsonValue.Create(stop)!)]);
        }

        return request;
    }

    private static JsonObject Part(AIContent content) => content switch
    {
        TextContent text => new JsonObject { ["type"] = "text", ["text"] = text.Text },
        DataContent data when data.HasTopLevelMediaType("image") => Picture(data.Uri),
        UriContent uri when uri.HasTopLevelMediaType("image") => Picture(uri.Uri.ToString()),
        _ => throw new NotSupportedException($"A content of type {content.GetType().Name} is not sent; texts and pictures are."),
    };

    private static JsonObject Picture(string address) =>
        new() { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = address } };

    private ChatResponse Read(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement choice = document.RootElement.GetProperty("choices")[0];
            JsonElement said = choice.GetProperty("message").GetProperty("content");
            string text = said.ValueKind == JsonValueKind.String ? said.GetString()! : string.Empty;
            var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, text)) { ModelId = _model };
            if (choice.TryGetProperty("finish_reason", out JsonElement reason) && reason.ValueKind == JsonValueKind.String)
            {
                response.FinishReason = new ChatFinishReason(reason.GetString()!);
            }

            if (document.RootElement.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
            {
                response.Usage = new UsageDetails
                {
                    InputTokenCount = Count(usage, "prompt_tokens"),
                    OutputTokenCount = Count(usage, "completion_tokens"),
                };
            }

            return response;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"'{_address}' sent no answer of a chat: {Shortened(body)}", error);
        }
    }

    private static long? Count(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out JsonElement count) && count.ValueKind == JsonValueKind.Number && count.TryGetInt64(out long number)
            ? number
            : null;

    private static string Shortened(string body)
    {
        string line = body.ReplaceLineEndings(" ").Trim();
        return line.Length <= MostErrorLetters ? line : line[..MostErrorLetters] + "…";
    }
}
