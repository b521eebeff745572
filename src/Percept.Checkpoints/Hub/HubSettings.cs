namespace Percept.Checkpoints;

/// <summary>Where the hub is, where its files are kept, and who asks; the same environment variables as the hub's own
/// tools.</summary>
public sealed record HubSettings
{
    /// <summary>The hub's address when nothing else is said.</summary>
    public const string DefaultEndpoint = "https://huggingface.co";

    private static readonly string[] s_true = ["1", "ON", "YES", "TRUE"];

    /// <summary>The folder of the cache (<c>HF_HUB_CACHE</c>, <c>HUGGINGFACE_HUB_CACHE</c>, else <c>hub</c> in
    /// <c>HF_HOME</c>).</summary>
    public required string CacheFolder { get; init; }

    /// <summary>The hub's address (<c>HF_ENDPOINT</c>).</summary>
    public Uri Endpoint { get; init; } = new(DefaultEndpoint);

    /// <summary>
    /// The access token (<c>HF_TOKEN</c>, else the file that <c>HF_TOKEN_PATH</c> names, else <c>token</c> in
    /// <c>HF_HOME</c>); null for none. It is sent to <see cref="Endpoint"/> and nowhere else.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>Whether nothing may be asked of the network (<c>HF_HUB_OFFLINE</c>).</summary>
    public bool Offline { get; init; }

    /// <summary>Reads the environment.</summary>
    /// <exception cref="ArgumentException">A variable has a value that can't be meant; the message names it.</exception>
    /// <exception cref="IOException">The token's file can't be read.</exception>
    public static HubSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>Everything but the token, so that it is not printed by chance.</summary>
    public override string ToString() => $"{Endpoint} in {CacheFolder}{(Offline ? ", offline" : "")}";

    internal static HubSettings From(Func<string, string?> variable)
    {
        string? Read(string name) => variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
        bool Flag(string name) => Read(name) is { } value && s_true.Contains(value.ToUpperInvariant());
        string home = Read("HF_HOME") is { } given
            ? UserPath.Expand(given)
            : Path.Combine(UserPath.Expand(Read("XDG_CACHE_HOME") ?? Path.Combine("~", ".cache")), "huggingface");
        string cache = Read("HF_HUB_CACHE") ?? Read("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub");
        return new HubSettings
        {
            CacheFolder = Path.GetFullPath(UserPath.Expand(cache)),
            Endpoint = Address(Read("HF_ENDPOINT") ?? DefaultEndpoint),
            Token = Flag("HF_HUB_DISABLE_IMPLICIT_TOKEN")
                ? null
                : Check(Read("HF_TOKEN") ?? Read("HUGGING_FACE_HUB_TOKEN"), "HF_TOKEN")
                    ?? TokenOf(UserPath.Expand(Read("HF_TOKEN_PATH") ?? Path.Combine(home, "token"))),
            Offline = Flag("HF_HUB_OFFLINE") || Flag("TRANSFORMERS_OFFLINE"),
        };
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out Uri? address) && address.Scheme is "https" or "http"
        && address.UserInfo.Length == 0 && address.Query.Length == 0
            ? address
            : throw new ArgumentException($"HF_ENDPOINT is '{text}', expected an address such as {DefaultEndpoint}.");

    private static string? TokenOf(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        string text = File.ReadAllText(path).Trim();
        return text.Length == 0 ? null : Check(text, path);
    }

    /// <summary>A token that can stand in a header; its value is never part of an error.</summary>
    private static string? Check(string? token, string source) =>
        token is null || (token.Length <= 1024 && token.All(letter => letter is > ' ' and < '\x7f'))
            ? token
            : throw new ArgumentException($"The token in {source} has letters that no token has. Copy it again from the hub's settings.");
}
