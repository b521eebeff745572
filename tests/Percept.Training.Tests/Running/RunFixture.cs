using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Percept.Conformance;
using Percept.Media;

namespace Percept.Training.Tests;

/// <summary>A folder with a small dataset of coloured pictures, recipes for it, and runs.</summary>
internal sealed class RunFixture : IDisposable
{
    /// <summary>Eight colours; an answer that does not look at the picture has a loss of ln 8 for the letter.</summary>
    internal static readonly (string Letter, byte Red, byte Green, byte Blue)[] Colours =
    [
        ("a", 255, 0, 0), ("b", 0, 255, 0), ("c", 0, 0, 255), ("d", 255, 255, 0),
        ("e", 255, 0, 255), ("f", 0, 255, 255), ("g", 255, 255, 255), ("h", 0, 0, 0),
    ];

    /// <summary>A template whose answers begin where the prompt for them ends, which the published one's do not.</summary>
    private const string Template =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}{% for part in message['content'] %}" +
        "{% if part['type'] == 'image' %}{{ '<image>' }}{% else %}{{ part['text'] }}{% endif %}{% endfor %}{{ '<|im_end|>' }}" +
        "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    internal RunFixture()
    {
        Root = Directory.CreateTempSubdirectory("percept-training-").FullName;
        Model = Folder("llava");
        Directory.CreateDirectory(Model);
        foreach (string file in Directory.EnumerateFiles(Llava))
        {
            File.Copy(file, Path.Combine(Model, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(Model, "chat_template.json"), new JsonObject { ["chat_template"] = Template }.ToJsonString());
        var json = new StringBuilder("[\n");
        foreach ((string letter, byte red, byte green, byte blue) in Colours)
        {
            var picture = new Image(16, 16, PixelFormat.Rgb);
            picture.Fill([red, green, blue]);
            File.WriteAllBytes(Path.Combine(Root, letter + ".png"), PngEncoder.Encode(picture));
            json.Append(
                CultureInfo.InvariantCulture,
                $$"""{"id": "{{letter}}", "image": "{{letter}}.png", "conversations": [{"from": "human", "value": "<image>\nq"}, {"from": "gpt", "value": "{{letter}}"}]},""");
            json.Append('\n');
        }

        json.Length -= 2;
        Data = Path.Combine(Root, "data.json");
        File.WriteAllText(Data, json.Append("\n]").ToString());
    }

    internal string Root { get; }

    internal string Data { get; }

    /// <summary>The tiny LLaVA of the golden cases with a template of its own.</summary>
    internal string Model { get; }

    internal static string Golden(string name) => Path.Combine(
        CaseFinder.FindCopies() ?? throw new DirectoryNotFoundException("The repository has no tests/goldens."), name, "checkpoint");

    internal static string Llava => Golden("llava/llava-1.5/siglip-qwen2");

    internal string Folder(string name) => Path.Combine(Root, name);

    /// <summary>A recipe over the pictures.</summary>
    internal Recipe Recipe(params string[] changes) => Training.Recipe.Parse(Yaml(), "test.yaml", changes);

    internal string Yaml() => $"""
        name: colours
        model:
          path: "{Model}"
        parts:
          all: full
        freeze: ["post_layernorm"]
        data:
          - path: "{Data}"
        loss:
          kind: supervised
          max_tokens: 128
        optimizer:
          kind: adamw
          learning_rate: 1e-2
        schedule:
          kind: constant
        batch:
          samples: 4
          accumulate: 2
        steps: 12
        seed: 3
        checkpoints:
          every: 5
          keep: 2
        """;

    /// <summary>The folder of the solution.</summary>
    internal static string Repository
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Percept.slnx")))
            {
                folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Percept.slnx");
            }

            return folder;
        }
    }

    /// <summary>A recipe over the pictures for a model that is made from a configuration.</summary>
    internal Recipe NewModel(string folder, string loss, params string[] changes) => Training.Recipe.Parse(
        $"""
        model:
          from_config: "{folder}"
        parts:
          all: full
        data:
          - path: "{Data}"
        loss:
          kind: {loss}
        optimizer:
          learning_rate: 1e-2
        schedule:
          kind: constant
        batch:
          samples: 8
        steps: 10
        checkpoints:
          every: 0
        """, "pairs.yaml", changes);

    /// <summary>A recipe over pairs of answers.</summary>
    internal Recipe Preferences(string formula, params string[] parts)
    {
        string[] letters = [.. Colours.Select(colour => colour.Letter)];
        string path = Folder("pairs.jsonl");
        File.WriteAllLines(path, letters.Select((letter, i) => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"messages": [{"role": "user", "content": "q {{letter}}"}], "chosen": "{{letter}}", "rejected": "{{letters[(i + 3) % 8]}}"}""")));
        return Recipe(
        [
            "parts.all=null", .. parts, "loss.kind=preference", $"loss.formula={formula}", $"data.0.path={path}", "steps=40", "batch.samples=4",
            "optimizer.learning_rate=3e-3", "checkpoints.every=0",
        ]);
    }

    /// <summary>A folder with a configuration, and tokenizer and image processor of the tiny LLaVA.</summary>
    /// <param name="json">The configuration.</param>
    /// <param name="name">What the folder is called.</param>
    internal string Config(string json, string name = "config")
    {
        string folder = Folder(name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), json);
        foreach (string file in (string[])["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"])
        {
            File.Copy(Path.Combine(Llava, file), Path.Combine(folder, file));
        }

        File.WriteAllText(
            Path.Combine(folder, "preprocessor_config.json"),
            """
            {
              "image_processor_type": "SiglipImageProcessor", "do_resize": true, "do_rescale": true, "do_normalize": true,
              "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 3, "size": { "height": 16, "width": 16 }
            }
            """);
        return folder;
    }

    /// <summary>A folder with a small language model that takes texts alone, whose weights are drawn.</summary>
    internal string TextModel(string name, ulong seed = 5, int hidden = 32)
    {
        string from = Folder(name + "-config"), to = Folder(name);
        Directory.CreateDirectory(from);
        foreach (string file in (string[])["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"])
        {
            File.Copy(Path.Combine(Model, file), Path.Combine(from, file));
        }

        File.WriteAllText(
            Path.Combine(from, "chat_template.jinja"),
            "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>{% endfor %}" +
            "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}");

        File.WriteAllText(Path.Combine(from, "config.json"), string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {
              "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": 336, "hidden_size": {{hidden}},
              "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
              "max_position_embeddings": 128, "tie_word_embeddings": true, "eos_token_id": 322, "initializer_range": 0.1
            }
            """));
        WeightInitializer.Write(from, to, "auto", null, seed);
        return to;
    }

    /// <summary>A file of records, one line each.</summary>
    internal string Records(string name, IEnumerable<string> lines)
    {
        string path = Folder(name);
        File.WriteAllLines(path, lines);
        return path;
    }

    /// <summary>Trains and gives the losses of all steps.</summary>
    internal double[] Train(string folder, Recipe recipe, Action<Trainer>? look = null)
    {
        using Trainer trainer = Trainer.Start(recipe, Folder(folder));
        look?.Invoke(trainer);
        trainer.Run();
        return Losses(folder);
    }

    internal double[] Losses(string folder) =>
        [.. TrainingLog.Read(new RunFolder(Folder(folder)).Log).Select(step => step.Loss)];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
