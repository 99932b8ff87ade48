using System.Diagnostics;
using System.Globalization;
using Isotope.Files;
using Isotope.Runs;
using Spectre.Console;

namespace Isotope.Cli.Terminal;

/// <summary>Progress with rate and time left: live bars on a terminal, elsewhere a line every few seconds.</summary>
internal abstract class ProgressDisplay : IProgress<StageProgress>, IProgress<string>
{
    public static T Run<T>(TextWriter error, Func<ProgressDisplay, T> work)
    {
        var console = Session.ConsoleOn(error);
        if (!console.Profile.Out.IsTerminal)
            return work(new Lines(error));
        return console
            .Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new Bars(console, context)));
    }

    /// <inheritdoc/>
    public abstract void Report(StageProgress value);

    /// <summary>Shows a line that stays.</summary>
    public abstract void Report(string value);

    /// <summary>
    /// Units per second and time left of a stage. It counts from the stage's first report, since what an earlier run did is not this run's
    /// speed.
    /// </summary>
    private sealed class Pace(StageProgress first)
    {
        private readonly Stopwatch watch = Stopwatch.StartNew();

        public string Stage => first.Stage;

        public string Describe(StageProgress now)
        {
            var rate = (now.Done - first.Done) / Math.Max(watch.Elapsed.TotalSeconds, 1e-3);
            if (rate <= 0)
                return now.Detail ?? "";
            var detail = now.Detail is null ? "" : $", {now.Detail}";
            return string.Create(CultureInfo.InvariantCulture, $"{rate:F1}/s{detail}");
        }

        public TimeSpan? Left(StageProgress now)
        {
            var done = now.Done - first.Done;
            return done > 0 ? watch.Elapsed * ((double)(now.Total - now.Done) / done) : null;
        }
    }

    private sealed class Lines(TextWriter error) : ProgressDisplay
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
        private readonly Stopwatch sinceLine = Stopwatch.StartNew();
        private Pace? pace;

        public override void Report(string value) => error.WriteLine(Printable.Line(value));

        public override void Report(StageProgress value)
        {
            if (pace?.Stage != value.Stage)
            {
                pace = new Pace(value);
                return;
            }

            if (sinceLine.Elapsed < Interval && value.Done < value.Total)
                return;
            var left = pace.Left(value) is { } time ? $", {time:h\\:mm\\:ss} left" : "";
            error.WriteLine($"{value.Stage} {value.Done}/{value.Total}, {pace.Describe(value)}{left}");
            sinceLine.Restart();
        }
    }

    private sealed class Bars(IAnsiConsole console, ProgressContext context) : ProgressDisplay
    {
        private Pace? pace;
        private ProgressTask? task;

        public override void Report(string value) => console.WriteLine(Printable.Line(value));

        public override void Report(StageProgress value)
        {
            if (pace?.Stage != value.Stage)
            {
                pace = new Pace(value);
                task?.StopTask();
                task = context.AddTask(value.Stage, maxValue: value.Total);
            }

            task!.Value = value.Done;
            task.Description = Markup.Escape($"{value.Stage} {pace.Describe(value)}");
        }
    }
}
