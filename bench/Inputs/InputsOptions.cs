namespace Percept.Bench.Inputs;

/// <summary>The command line of <c>inputs</c>.</summary>
internal sealed record InputsOptions(string? Data, string[] Only, int Runs, string Python, string? Json, bool Check)
{
    internal static bool TryParse(string[] args, out InputsOptions options)
    {
        var read = new InputsOptions(null, [], 5, "/usr/bin/python3", null, false);
        bool understood = OptionWords.TryRead(args, 0, (name, value) =>
        {
            (InputsOptions? next, int taken) = (name, value) switch
            {
                ("--check", _) => (read with { Check = true }, 1),
                ("--data", not null) => (read with { Data = value }, 2),
                ("--only", not null) => (read with { Only = OptionWords.Parts(value) }, 2),
                ("--python", not null) => (read with { Python = value }, 2),
                ("--json", not null) => (read with { Json = value }, 2),
                ("--runs", _) when OptionWords.TryCount(value, 1000, out int runs) => (read with { Runs = runs }, 2),
                _ => (null, 0),
            };
            read = next ?? read;
            return taken;
        });
        options = read;
        return understood;
    }

    internal bool Selects(string name) =>
        Only.Length == 0 || Only.Any(text => name.Contains(text, StringComparison.OrdinalIgnoreCase));
}
