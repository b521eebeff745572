using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Percept.Bench.Inputs;

/// <summary>
/// Debian's Pillow, NumPy and Jinja, driven as a child process so that both sides are timed in turn on the same machine.
/// </summary>
/// <remarks>A task that the installed packages cannot do is told once and then counts as absent.</remarks>
internal sealed class PythonPeer : IDisposable
{
    private const string Script =
        """
        import glob, io, json, sys, time
        state = {}
        def read(paths):
            return [open(p, 'rb').read() for p in paths]
        def jpeg(paths):
            from PIL import Image
            files = read(paths)
            def run():
                for f in files:
                    Image.open(io.BytesIO(f)).convert('RGB').load()
            return run
        def resize(paths):
            from PIL import Image
            pictures = [Image.open(io.BytesIO(f)).convert('RGB') for f in read(paths)]
            def run():
                for p in pictures:
                    p.resize((336, 336), Image.BICUBIC)
            return run
        def clip(paths):
            from PIL import Image
            import numpy as np
            files = read(paths)
            mean = np.array([0.48145466, 0.4578275, 0.40821073], dtype=np.float32)
            std = np.array([0.26862954, 0.26130258, 0.27577711], dtype=np.float32)
            def run():
                for f in files:
                    p = Image.open(io.BytesIO(f)).convert('RGB')
                    w, h = p.size
                    size = (336, int(336 * h / w)) if w <= h else (int(336 * w / h), 336)
                    a = np.array(p.resize(size, Image.BICUBIC))
                    top, left = (a.shape[0] - 336) // 2, (a.shape[1] - 336) // 2
                    a = a[top:top + 336, left:left + 336]
                    a = (a.astype(np.float64) * (1 / 255)).astype(np.float32)
                    a = (a - mean) / std
                    np.ascontiguousarray(a.transpose(2, 0, 1))
            return run
        def jinja(paths):
            import jinja2.sandbox, jinja2.ext
            environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
                trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols])
            environment.filters['tojson'] = lambda x, **k: json.dumps(x, ensure_ascii=False)
            template = environment.from_string(open(paths[0], encoding='utf-8').read())
            messages = json.loads(paths[1])
            def run():
                template.render(messages=messages, tools=None, documents=None, add_generation_prompt=True)
            return run
        makers = {'jpeg': jpeg, 'png': jpeg, 'resize': resize, 'clip': clip, 'jinja': jinja}
        for line in sys.stdin:
            request = json.loads(line)
            try:
                key = request['key']
                if key not in state:
                    state[key] = makers[request['task']](request['paths'])
                    state[key]()
                runs, start = 0, time.perf_counter()
                while True:
                    state[key]()
                    runs += 1
                    elapsed = time.perf_counter() - start
                    if elapsed > request['seconds']:
                        break
                answer = {'seconds': elapsed / runs}
            except Exception as error:
                answer = {'error': type(error).__name__ + ': ' + str(error)}
            print(json.dumps(answer), flush=True)
        """;

    private readonly Process? _process;
    private readonly HashSet<string> _absent = new(StringComparer.Ordinal);

    internal PythonPeer(string program)
    {
        try
        {
            var start = new ProcessStartInfo(program)
            {
                ArgumentList = { "-c", Script },
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            };
            _process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Console.Error.WriteLine($"There is no '{program}': reference figures, scaled by this machine's speed, stand in for the peers.");
        }
    }

    /// <summary>Seconds that one run of a task takes; null where the peer cannot do it.</summary>
    /// <param name="key">Names the prepared task.</param>
    /// <param name="task">The kind of task.</param>
    /// <param name="arguments">Its files or texts.</param>
    /// <param name="seconds">How long to repeat it.</param>
    internal double? Measure(string key, string task, IReadOnlyList<string> arguments, double seconds)
    {
        if (_process is null || _absent.Contains(task))
        {
            return null;
        }

        _process.StandardInput.WriteLine(Request(key, task, arguments, seconds));
        _process.StandardInput.Flush();
        string? line = _process.StandardOutput.ReadLine();
        if (line is not null)
        {
            using JsonDocument answer = JsonDocument.Parse(line);
            if (answer.RootElement.TryGetProperty("seconds", out JsonElement measured))
            {
                return measured.GetDouble();
            }

            Console.Error.WriteLine($"The peer cannot do '{task}': {answer.RootElement.GetProperty("error").GetString()}");
        }

        _absent.Add(task);
        return null;
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(2000))
            {
                _process.Kill();
            }

            _process.Dispose();
        }
    }

    private static string Request(string key, string task, IReadOnlyList<string> arguments, double seconds)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteString("task", task);
            json.WriteNumber("seconds", seconds);
            json.WriteStartArray("paths");
            foreach (string argument in arguments)
            {
                json.WriteStringValue(argument);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
