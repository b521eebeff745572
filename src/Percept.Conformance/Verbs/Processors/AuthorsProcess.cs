using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Checkpoints;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;

namespace Percept.Conformance;

/// <summary>
/// Runs the image step of LLaVA's own code on a checkpoint with the changes <c>config</c> to its configuration.
/// </summary>
internal static class AuthorsProcess
{
    internal static bool Takes(RunContext context) =>
        context.Run.Args.TryGetProperty("config", out JsonElement config) && config.ValueKind == JsonValueKind.Object
        && context.Run.Args.TryGetProperty("images", out _) && !ProcessVerb.HasText(context);

    internal static void Run(RunContext context)
    {
        string folder = context.CheckpointPath();
        ConfigReader config = Changed(context, folder);
        LlavaOriginalTower tower = LlavaOriginalTower.Find(folder, config);
        LlavaPixels pixels = LlavaOriginalProcessor.Pixels(LlavaOriginalSettings.Read(config, tower), tower, context.Args.Find("kwargs"));
        MediaContent[] pictures =
        [
            .. context.Args.Need("images").EnumerateArray().Select(file =>
                MediaContent.Of(ImageDecoder.Decode(context.Bytes(file.GetString()!)).Convert(PixelFormat.Rgb))),
        ];
        MediaInput[] inputs = pixels.Prepare(pictures, pixels.Layout.Cuts);
        if (context.Wants("pixel_values"))
        {
            context.Give("pixel_values", pixels.Layout.Cuts
                ? Ops.Stack([.. inputs.Select(input => input.Pixels)], 0)
                : Ops.Concat(inputs.Select(input => input.Pixels).ToArray(), 0));
            return;
        }

        for (int i = 0; i < inputs.Length; i++)
        {
            context.Give(FormattableString.Invariant($"pixel_values.{i}"), inputs[i].Pixels);
        }
    }

    /// <summary>The checkpoint's configuration with what the run's <c>config</c> changes.</summary>
    internal static ConfigReader Changed(RunContext context, string folder)
    {
        string file = Path.Combine(folder, "config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllBytes(file))!.AsObject();
        if (context.Args.Find("config") is { } changes)
        {
            foreach (JsonProperty change in changes.EnumerateObject())
            {
                config[change.Name] = JsonNode.Parse(change.Value.GetRawText());
            }
        }

        return ConfigReader.Parse(Encoding.UTF8.GetBytes(config.ToJsonString()), file);
    }
}
