using Percept.Checkpoints;
using Percept.Tensors;
using Xunit;

namespace Percept.Tests.Cli;

/// <summary>Names out of files do not reach a terminal as commands to it.</summary>
public class HostileNameTests
{
    private const string Hostile = "x\u001b]0;owned\u0007\u009b31m";

    [Fact]
    public void ErrorsDoNotRepeatEscapes()
    {
        using var folder = new TempFolder();
        string model = CommandRun.Copy(CommandRun.TinyLlava, folder.File("m"));
        using (TensorScope scope = TensorScope.Open())
        {
            SafetensorsWriter.Write(Path.Combine(model, "more.safetensors"), new Dictionary<string, Tensor> { [Hostile] = Ops.Zeros([2]) });
            Dictionary<string, Tensor> all;
            using (TensorSource source = TensorSource.Open(Path.Combine(model, "model.safetensors")))
            {
                all = source.Tensors.Keys.ToDictionary(name => name, source.Read);
            }

            all[Hostile] = Ops.Zeros([2]);
            SafetensorsWriter.Write(Path.Combine(model, "model.safetensors"), all);
        }

        CommandRun run = CommandRun.Of("show", model);
        Assert.Equal(2, run.Code);
        Assert.Contains("owned", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(run.Error.TrimEnd(), char.IsControl);
        string config = Path.Combine(model, "config.json");
        File.WriteAllText(config, """{"model_type": "a\u001b[31mb"}""");
        Assert.DoesNotContain(CommandRun.Of("show", model).Error.TrimEnd(), char.IsControl);
    }

    [Fact]
    public void ReportsDoNotRepeatEscapes()
    {
        using var folder = new TempFolder();
        string model = CommandRun.Copy(CommandRun.TinyLlava, folder.File("m")), config = Path.Combine(model, "config.json");
        string json = File.ReadAllText(config).Trim();
        File.WriteAllText(config, json[..^1] + """, "owned\u001b[31m": 1}""");
        CommandRun run = CommandRun.Of("show", model);
        Assert.Equal((0, ""), (run.Code, run.Error.Contains("percept:", StringComparison.Ordinal) ? run.Error : ""));
        Assert.DoesNotContain('\u001b', run.Output);
    }
}
