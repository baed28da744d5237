using System.Text.Json.Nodes;
using Spectre.Console;

namespace Zalando.Postgres.Sdk.Samples.Quickstart;

/// <summary>Tells people (or programs, one JSON object a line) what is being done and why.</summary>
internal sealed class ProgressWriter(bool json, TextWriter output, TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly long _start = timeProvider.GetTimestamp();
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(output),
        // A pipe or a file gets plain text.
        Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        ColorSystem = Console.IsOutputRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
    });

    public TimeSpan Elapsed => timeProvider.GetElapsedTime(_start);

    /// <summary>One step: who does it, what, and how it is meant.</summary>
    public void Step(string source, string what, StepKind kind = StepKind.Normal)
    {
        lock (_gate)
        {
            if (json)
            {
                Write(new JsonObject { ["type"] = "progress", ["seconds"] = Seconds(), ["source"] = source, ["message"] = what, ["severity"] = kind.ToString().ToLowerInvariant() });
                return;
            }

            var colour = kind switch { StepKind.Good => "green", StepKind.Warning => "yellow", StepKind.Bad => "red", _ => "default" };
            // Lines are written whole: cutting or folding a message would hide its reason.
            _console.Profile.Width = 10_000;
            _console.MarkupLine($"[grey]{Elapsed.TotalSeconds,6:0.0}s[/]  [blue]{Markup.Escape(source),-34}[/] [{colour}]{Markup.Escape(what)}[/]");
        }
    }

    /// <summary>The result, as an object for programs and as prepared lines for people.</summary>
    public void Result(JsonObject result, string text)
    {
        lock (_gate)
        {
            if (json) Write(result);
            else output.WriteLine(text);
        }
    }

    private double Seconds() => Math.Round(Elapsed.TotalSeconds, 1);

    private void Write(JsonObject line)
    {
        output.WriteLine(line.ToJsonString());
        output.Flush();
    }
}
