using System.Text.Json.Nodes;

namespace Percept.Inference;

/// <summary>
/// What an output must follow, byte by byte: a JSON schema or a regular expression. Tells which tokens may come next.
/// </summary>
/// <remarks>
/// Thread-safe; may be kept for any number of requests. What follows a text is computed when it is first met and kept
/// (a bit for each token), so that a token costs nothing but looking it up later on; beyond a limit of memory it begins
/// anew.
/// </remarks>
public sealed class TokenConstraint
{
    private const long MaxMaskBytes = 256L << 20;
    private const int MaxConfigurations = 1 << 16;
    private const int MaxStates = Grammar.MaxStates / 2;

    private readonly int _maxConfigurations;
    private readonly Lock _lock = new();
    private readonly Func<GrammarRunner> _make;
    private readonly int _maxStates;
    private readonly TokenVocabulary _vocabulary;
    private readonly Configuration[] _path;
    private readonly int _words;
    private GrammarRunner _runner;
    private long _maskBytes;

    /// <summary>Makes a constraint.</summary>
    /// <param name="make">Compiles the grammar; called again when it has grown too large.</param>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="notes">What is not enforced.</param>
    /// <param name="maxConfigurations">Beyond so many what is known is forgotten.</param>
    /// <param name="maxStates">Beyond so many states the grammar is made anew, outputs under way keep theirs.</param>
    internal TokenConstraint(
        Func<GrammarRunner> make, TokenVocabulary vocabulary, IReadOnlyList<string> notes, int maxConfigurations = MaxConfigurations,
        int maxStates = MaxStates)
    {
        _make = make;
        _maxConfigurations = maxConfigurations;
        _maxStates = maxStates;
        _runner = make();
        _vocabulary = vocabulary;
        _path = new Configuration[vocabulary.MaxDepth + 1];
        _words = (vocabulary.Bytes.Count + 63) / 64;
        Notes = notes;
        First = _runner.Start;
    }

    /// <summary>
    /// What the schema says but the constraint does not enforce, such as <c>format</c>: one sentence each.
    /// </summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>What an empty text may mean.</summary>
    internal Configuration First { get; private set; }

    /// <summary>Makes a constraint of a JSON schema.</summary>
    /// <param name="schema">The schema as JSON text.</param>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="InvalidDataException">The schema is broken; the message names the place.</exception>
    /// <exception cref="NotSupportedException">The schema uses something that is not supported, or nothing can satisfy it; the
    /// message names the place.</exception>
    public static TokenConstraint FromJsonSchema(
        string schema, TokenVocabulary vocabulary, JsonSchemaOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(vocabulary);
        JsonNode root = SchemaText.Parse(schema);
        var notes = new List<string>();
        return new TokenConstraint(Compile, vocabulary, notes);

        GrammarRunner Compile()
        {
            var compiler = new JsonSchemaCompiler(root, options ?? new JsonSchemaOptions());
            int rule = compiler.Compile();
            if (notes.Count == 0)
            {
                notes.AddRange(compiler.Notes);
            }

            return new GrammarRunner(compiler.Grammar, rule);
        }
    }

    /// <summary>Makes a constraint of a regular expression that the whole output must match.</summary>
    /// <param name="pattern">
    /// The pattern, in the syntax of ECMA-262; no look-arounds, back-references or <c>\b</c>.
    /// </param>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <exception cref="InvalidDataException">The pattern is broken.</exception>
    /// <exception cref="NotSupportedException">
    /// The pattern uses something that is not supported, or matches nothing.
    /// </exception>
    public static TokenConstraint FromRegex(string pattern, TokenVocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new TokenConstraint(Compile, vocabulary, []);

        GrammarRunner Compile()
        {
            var grammar = new Grammar();
            var states = new TextStates(
                grammar, new CharacterEncoder(grammar, json: false), RegexNfa.Parse(pattern, anywhere: false), 0, null,
                static state => state.Ends = true);
            return new GrammarRunner(grammar, grammar.AddRule(states.Start));
        }
    }

    /// <summary>Whether a whole output follows the constraint.</summary>
    /// <param name="text">The output in UTF-8.</param>
    public bool Accepts(ReadOnlySpan<byte> text)
    {
        lock (_lock)
        {
            return _runner.Next(_runner.Start, text).Accepts;
        }
    }

    /// <summary>Begins an output.</summary>
    public ConstraintCursor Begin() => new(this);

    internal ReadOnlySpan<byte> BytesOf(int token) =>
        _vocabulary.Bytes.IsSpecial(token) ? [] : _vocabulary.Bytes[token];

    internal Configuration Next(Configuration from, ReadOnlySpan<byte> text)
    {
        lock (_lock)
        {
            return (from.Owner ?? _runner).Next(from, text);
        }
    }

    /// <summary>The tokens that may follow, as bits by id.</summary>
    internal ulong[] Mask(Configuration at)
    {
        lock (_lock)
        {
            if (at.Mask is { } known)
            {
                return known;
            }

            bool isFull = _runner.StateCount > _maxStates;
            if (isFull || _maskBytes > MaxMaskBytes || _runner.Count > _maxConfigurations)
            {
                _runner.Forget();
                _runner = isFull ? _make() : _runner;
                _maskBytes = 0;
                First = _runner.Start;
            }

            var mask = new ulong[_words];
            _vocabulary.Mark(at.Owner ?? _runner, at, _path, mask);
            _maskBytes += _words * sizeof(ulong);
            at.Mask = mask;
            return mask;
        }
    }
}
