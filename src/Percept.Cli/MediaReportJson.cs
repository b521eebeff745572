using System.Globalization;
using System.Text.Json;
using Percept.Models;

namespace Percept.Cli;

/// <summary>
/// Writes what files are as JSON. Files of one kind have the same names, whatever their format; what is not known is <c>null</c>.
/// </summary>
internal static class MediaReportJson
{
    internal static void Write(Utf8JsonWriter json, IReadOnlyList<MediaReport> reports)
    {
        json.WriteStartArray();
        foreach (MediaReport report in reports)
        {
            json.WriteStartObject();
            json.WriteString("path", report.Path);
            json.WriteString("kind", report.Kind);
            foreach ((string name, object? value) in report.Facts)
            {
                WriteFact(json, name.Replace(' ', '_'), value);
            }

            switch (report.Kind)
            {
                case "sound":
                    WriteAll(json, "processors", report.Sounds, WritePlan);
                    break;
                case "clip":
                    WriteAll(json, "processors", report.Clips, WritePlan);
                    WriteAll(json, "frame_processors", report.Pictures, WritePlan);
                    break;
                default:
                    WriteAll(json, "processors", report.Pictures, WritePlan);
                    break;
            }

            json.WriteString("note", report.Note);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFact(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int or long:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number:
                JsonOutput.Number(json, name, number);
                break;
            default:
                json.WriteString(name, MediaReportText.Text(value));
                break;
        }
    }

    private static void WriteAll<TPlan>(
        Utf8JsonWriter json, string name, IReadOnlyList<Planned<TPlan>> plans, Action<Utf8JsonWriter, TPlan> write)
        where TPlan : class
    {
        json.WriteStartArray(name);
        foreach (Planned<TPlan> planned in plans)
        {
            json.WriteStartObject();
            json.WriteString("family", planned.Name);
            if (planned.Plan is { } plan)
            {
                write(json, plan);
            }
            else
            {
                json.WriteString("refused", planned.Refusal);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WritePlan(Utf8JsonWriter json, ImagePlan plan)
    {
        WriteSize(json, "resized", plan.Resized);
        WriteSize(json, "canvas", plan.Canvas);
        WriteSize(json, "tile", plan.Tile);
        json.WriteStartObject("grid");
        json.WriteNumber("rows", plan.Grid.Height);
        json.WriteNumber("columns", plan.Grid.Width);
        json.WriteEndObject();
        json.WriteNumber("pictures", plan.Tiles);
        if (plan.Patches is { } patches)
        {
            json.WriteStartObject("patches");
            json.WriteNumber("rows", patches.Height);
            json.WriteNumber("columns", patches.Width);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("patches");
        }

        WriteFact(json, "tokens", plan.Tokens);
    }

    private static void WritePlan(Utf8JsonWriter json, VideoPlan plan)
    {
        json.WriteNumber("frames", plan.Frames);
        WriteSize(json, "resized", plan.Resized);
        WriteSize(json, "canvas", plan.Canvas);
        if (plan.Grid is { } grid)
        {
            json.WriteStartObject("grid");
            json.WriteNumber("time", grid.Time);
            json.WriteNumber("rows", grid.Rows);
            json.WriteNumber("columns", grid.Columns);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("grid");
        }

        WriteFact(json, "tokens", plan.Tokens);
    }

    private static void WritePlan(Utf8JsonWriter json, AudioPlan plan)
    {
        json.WriteString("features", plan.Output);
        json.WriteStartArray("shape");
        foreach (int side in plan.Shape)
        {
            json.WriteNumberValue(side);
        }

        json.WriteEndArray();
        json.WriteNumber("frames", plan.Frames);
        json.WriteNumber("valid_frames", plan.ValidFrames);
        json.WriteBoolean("cut", plan.IsCut);
        WriteFact(json, "tokens", plan.Tokens);
    }

    private static void WriteSize(Utf8JsonWriter json, string name, ImageSize size)
    {
        json.WriteStartObject(name);
        json.WriteNumber("height", size.Height);
        json.WriteNumber("width", size.Width);
        json.WriteEndObject();
    }
}
