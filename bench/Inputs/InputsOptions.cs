using System.Globalization;

namespace Percept.Bench.Inputs;

/// <summary>The command line of <c>inputs</c>.</summary>
internal sealed record InputsOptions(string? Data, string[] Only, int Runs, string Python, string? Json, bool Check)
{
    internal static bool TryParse(string[] args, out InputsOptions options)
    {
        options = new InputsOptions(null, [], 5, "/usr/bin/python3", null, false);
        for (int i = 0; i < args.Length; i++)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--check":
                    options = options with { Check = true };
                    continue;
                case "--data" when value is not null:
                    options = options with { Data = value };
                    break;
                case "--only" when value is not null:
                    options = options with { Only = value.Split(',', StringSplitOptions.RemoveEmptyEntries) };
                    break;
                case "--python" when value is not null:
                    options = options with { Python = value };
                    break;
                case "--json" when value is not null:
                    options = options with { Json = value };
                    break;
                case "--runs" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int runs)
                    && runs is >= 1 and <= 1000:
                    options = options with { Runs = runs };
                    break;
                default:
                    return false;
            }

            i++;
        }

        return true;
    }

    internal bool Selects(string name) =>
        Only.Length == 0 || Only.Any(text => name.Contains(text, StringComparison.OrdinalIgnoreCase));
}
