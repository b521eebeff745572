using System.Buffers;
using System.Text;
using System.Text.Json;
using Percept.Checkpoints;
using Percept.Media;
using Percept.Models;
using Percept.Tensors;
using Percept.Text;

namespace Percept.Bench.Inputs;

/// <summary>Everything that <c>inputs</c> measures.</summary>
internal static class InputBenches
{
    private const int Messages = 18;

    /// <summary>The kinds of input whose files are there; what is missing is told.</summary>
    internal static IEnumerable<InputBench> All(InputFiles files) =>
        [.. Pictures(files), LogMel(), .. Tokenizers(files), .. Templates(files)];

    private static IEnumerable<InputBench> Pictures(InputFiles files)
    {
        byte[][] photos = [.. files.Photos.Select(File.ReadAllBytes)];
        Image[] images = [.. photos.Select(photo => ImageDecoder.Decode(photo, Stored).Convert(PixelFormat.Rgb))];
        double megapixels = images.Sum(image => image.Width * (double)image.Height) / 1e6;
        byte[][] pngs = [.. files.Pngs.Select(File.ReadAllBytes)];
        using JsonDocument clip = JsonDocument.Parse(
            """{"image_processor_type":"CLIPImageProcessor","size":{"shortest_edge":336},"crop_size":{"height":336,"width":336}}""");
        ImageProcessor processor = ImageProcessor.Create(clip.RootElement);
        yield return new()
        {
            Name = "JPEG decode", Unit = "MP", Work = megapixels, Bar = 0.8, Reference = 365, Peer = "Pillow",
            Task = "jpeg", Arguments = files.Photos, Run = () => Decode(photos, Stored),
        };
        yield return new()
        {
            Name = "JPEG decode, two threads", Unit = "MP", Work = megapixels, Bar = 1.3, Reference = 365,
            Peer = "Pillow (one)", Task = "jpeg", Arguments = files.Photos,
            Run = () => Decode(photos, Stored with { Threads = 2 }),
        };
        yield return new()
        {
            Name = "JPEG to CLIP-336 tensor", Unit = "MP", Work = megapixels, Bar = 1.7, Reference = 76,
            Peer = "Pillow and NumPy", Task = "clip", Arguments = files.Photos,
            Run = () =>
            {
                foreach (byte[] photo in photos)
                {
                    using TensorScope scope = TensorScope.Open();
                    processor.Process([ImageDecoder.Decode(photo, Stored)]);
                }
            },
        };
        yield return new()
        {
            Name = "bicubic to 336×336", Unit = "MP", Work = megapixels, Bar = 1.5, Reference = 176, Peer = "Pillow",
            Task = "resize", Arguments = files.Photos,
            Run = () =>
            {
                foreach (Image image in images)
                {
                    image.Resize(336, 336, ResampleFilter.Bicubic);
                }
            },
        };
        yield return new()
        {
            Name = "PNG decode 1024×768", Unit = "MP", Work = pngs.Length * 1024 * 768 / 1e6, Bar = 1.2, Reference = 55,
            Peer = "Pillow", Task = "png", Arguments = files.Pngs, Run = () => Decode(pngs, Stored),
        };
    }

    /// <summary>As the peer does: the orientation is not applied.</summary>
    private static ImageDecodeOptions Stored { get; } = new() { ApplyOrientation = false };

    private static void Decode(byte[][] files, ImageDecodeOptions options)
    {
        foreach (byte[] file in files)
        {
            ImageDecoder.Decode(file, options).Convert(PixelFormat.Rgb);
        }
    }

    private static InputBench LogMel()
    {
        using JsonDocument settings = JsonDocument.Parse(
            """
            {"feature_extractor_type":"WhisperFeatureExtractor","feature_size":80,"sampling_rate":16000,"hop_length":160,
             "chunk_length":30,"n_fft":400,"n_samples":480000,"nb_max_frames":3000,"padding_side":"right","padding_value":0.0}
            """);
        AudioProcessor processor = AudioProcessor.Create(settings.RootElement);
        var sound = new Sound(1, 30 * 16000, 16000);
        for (int i = 0; i < sound.Length; i++)
        {
            sound.Samples[i] = (float)(0.4 * Math.Sin(i * (0.02 + (1e-7 * i))));
        }

        return new()
        {
            Name = "log-mel of 30 s", Unit = "clips", Work = 1, Bar = 1.5, Reference = 1 / 5.2e-3,
            Peer = "WhisperFeatureExtractor",
            Run = () =>
            {
                using TensorScope scope = TensorScope.Open();
                processor.Process([sound]);
            },
        };
    }

    private static IEnumerable<InputBench> Tokenizers(InputFiles files)
    {
        string text = InputFiles.ReadText();
        string[] lines = text.Split('\n');
        double megabytes = Encoding.UTF8.GetByteCount(text) / 1e6;
        foreach ((string name, double whole, double byLine) in
            new (string, double, double)[] {("gpt-2", 2.5, 3.8), ("starcoder", 2.1, 3.2) })
        {
            if (files.Find($"tokenizers/gguf/ggml-vocab-{name}.gguf") is not { } path)
            {
                Console.Error.WriteLine($"Left out: there is no vocabulary of {name} in the data folder.");
                continue;
            }

            using GgufFile file = GgufFile.Open(path);
            Tokenizer tokenizer = GgufTokenizer.Make(GgufVocabularyReader.Read(file));
            var ids = new ArrayBufferWriter<int>(text.Length);
            foreach (InputBench bench in Encoders(name, tokenizer, text, lines, megabytes, whole, byLine, ids))
            {
                yield return bench;
            }
        }
    }

    private static InputBench[] Encoders(
        string name, Tokenizer tokenizer, string text, string[] lines, double megabytes, double whole, double byLine,
        ArrayBufferWriter<int> ids)
    {
        const string Peer = "tokenizers";
        int[] all = tokenizer.EncodeIds(text, addSpecialTokens: false);
        return
        [
            new()
            {
                Name = $"{name} encode", Unit = "MB", Work = megabytes, Bar = 3, Reference = whole, Peer = Peer,
                Run = () =>
                {
                    ids.ResetWrittenCount();
                    tokenizer.EncodeIds(text, ids, addSpecialTokens: false);
                },
            },
            new()
            {
                Name = $"{name} encode by line", Unit = "MB", Work = megabytes, Bar = 3, Reference = byLine, Peer = Peer,
                Run = () =>
                {
                    ids.ResetWrittenCount();
                    foreach (string line in lines)
                    {
                        tokenizer.EncodeIds(line, ids, addSpecialTokens: false);
                    }
                },
            },
            new()
            {
                Name = $"{name} decode", Unit = "Mtok", Work = all.Length / 1e6, Bar = 2, Reference = 8, Peer = Peer,
                Run = () => tokenizer.Decode(all),
            },
        ];
    }

    private static IEnumerable<InputBench> Templates(InputFiles files)
    {
        if (files.Find("../goldens/templates/published/Qwen-Qwen3-0.6B/template.jinja") is not { } path)
        {
            Console.Error.WriteLine("Left out: the template of Qwen3 is not in the data folder.");
            yield break;
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            for (int i = 0; i < Messages; i++)
            {
                json.WriteStartObject();
                json.WriteString("role", i % 2 == 0 ? "user" : "assistant");
                json.WriteString("content", $"Message {i}: what is in the picture, and how many of them are there?");
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        string messages = Encoding.UTF8.GetString(buffer.ToArray());
        JsonElement parsed = JsonDocument.Parse(messages).RootElement;
        ChatTemplate template = ChatTemplate.Parse(File.ReadAllText(path));
        yield return new()
        {
            Name = $"Qwen3 template, {Messages} messages", Unit = "kilorenders", Work = 0.001, Bar = 5,
            Reference = 1 / 198e-6 / 1000, Peer = "Jinja", Task = "jinja", Arguments = [path, messages],
            Run = () => template.Render(ChatTemplateInput.FromJson(parsed) with { AddGenerationPrompt = true }),
        };
    }
}
