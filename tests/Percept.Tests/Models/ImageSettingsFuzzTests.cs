using System.Text.Json;
using System.Text.Json.Nodes;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Models;

/// <summary>Settings from anywhere end in a processor or in a typed error; none makes plans slow or memory run out.</summary>
public class ImageSettingsFuzzTests
{
    private static readonly string[] s_values =
    [
        "0", "1", "2", "3", "7", "-1", "255", "65536", "1000000", "2147483647", "2147483648", "0.5", "-0.5", "1e300", "1e-300",
        "null", "true", "false", "\"\"", "\"x\"", "[]", "{}", "[1]", "[1, 2]", "[5, 70000]", "[2147483647, 2147483647]",
        "[[1, 1]]", "[[2147483647, 1], [1, 2147483647]]", "[0.5, 0, 1]", "{\"height\": 1, \"width\": 1}",
        "{\"height\": 2147483647, \"width\": 2147483647}", "{\"shortest_edge\": 5}", "{\"longest_edge\": 2147483647}",
        "{\"shortest_edge\": 1, \"longest_edge\": 2147483647}", "{\"max_height\": 7, \"max_width\": 2147483647}",
        "{\"height\": 0, \"width\": 0}", "{\"x\": 1}",
    ];

    public static TheoryData<string> Types() => [.. ImageProcessorCases.All.Select(known => known.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void EverySettingTakesOrRefusesEveryValue(string type)
    {
        string settings = ImageProcessorCases.All.Single(known => known.Type == type).Settings;
        string[] names =
            [.. ImageProcessorCases.Make(type, settings).Settings.Select(setting => setting.Key), "min_pixels", "max_pixels"];
        var random = new Random(type.Length);
        int made = 0;
        for (int i = 0; i < 400; i++)
        {
            var changed = (JsonObject)JsonNode.Parse($"{{{settings}}}")!;
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                changed[names[random.Next(names.Length)]] = JsonNode.Parse(s_values[random.Next(s_values.Length)]);
            }

            string text = changed.ToJsonString();
            try
            {
                made += Try(type, text, random) ? 1 : 0;
            }
            catch (Exception error) when (error is InvalidDataException or NotSupportedException or ArgumentException)
            {
                Assert.NotEmpty(error.Message);
            }
            catch (Exception error)
            {
                Assert.Fail($"{error.GetType().Name} with {text}: {error}");
            }
        }

        Assert.True(made > 10, $"{made} settings were taken.");
    }

    /// <summary>Whether a plan came of the settings.</summary>
    private static bool Try(string type, string settings, Random random)
    {
        using JsonDocument document = JsonDocument.Parse(settings);
        ImageProcessor processor = ImageProcessor.Create(ImageFamilies.Find(type), document.RootElement);
        (int height, int width) = (random.Next(1, 60), random.Next(1, 60));
        ImagePlan plan = processor.Plan(height, width);
        double numbers = 3.0 * plan.Tiles * Math.Max(plan.Tile.Area, Math.Max(plan.Canvas.Area, plan.Resized.Area));
        string[] rows = ["max_patches", "max_num_patches", "max_image_tiles", "size", "high_res_size", "temporal_patch_size"];
        bool small = processor.Settings.Where(setting => rows.Contains(setting.Key))
            .All(setting => !setting.Value.Contains("00000", StringComparison.Ordinal)
                && !setting.Value.Contains("65536", StringComparison.Ordinal)
                && !setting.Value.Contains("70000", StringComparison.Ordinal)
                && !setting.Value.Contains("2147483647", StringComparison.Ordinal));
        if (numbers < 300_000 && small)
        {
            using TensorScope scope = TensorScope.Open();
            processor.Process([ImageProcessorCases.Picture(height, width)]);
        }

        return true;
    }
}
