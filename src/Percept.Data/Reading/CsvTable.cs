using System.Text;

namespace Percept.Data;

/// <summary>Reads rows of comma-separated values: fields in quotation marks may hold commas, line breaks and doubled marks.</summary>
internal static class CsvTable
{
    /// <summary>The rows with the line where each begins; blank lines are left out.</summary>
    /// <exception cref="InvalidDataException">A quotation mark is not closed.</exception>
    internal static List<(long Line, string[] Fields)> Read(string path)
    {
        string text = File.ReadAllText(path, Encoding.UTF8);
        var rows = new List<(long, string[])>();
        var fields = new List<string>();
        var field = new StringBuilder();
        (long line, long start) = (1, 1);
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            line += letter == '\n' ? 1 : 0;
            if (quoted)
            {
                if (letter != '"')
                {
                    field.Append(letter);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else
                {
                    quoted = false;
                }
            }
            else if (letter == '"' && field.Length == 0)
            {
                quoted = true;
            }
            else if (letter == ',')
            {
                EndField();
            }
            else if (letter == '\n')
            {
                EndRow();
            }
            else if (letter != '\r' || i + 1 >= text.Length || text[i + 1] != '\n')
            {
                field.Append(letter);
            }
        }

        if (quoted)
        {
            throw new InvalidDataException($"{path}:{start}: a quotation mark of this row is not closed. Close it.");
        }

        EndRow();
        return rows;

        void EndField()
        {
            fields.Add(field.ToString());
            field.Clear();
        }

        void EndRow()
        {
            EndField();
            if (fields.Count > 1 || fields[0].Length > 0)
            {
                rows.Add((start, [.. fields]));
            }

            fields.Clear();
            start = line;
        }
    }
}
