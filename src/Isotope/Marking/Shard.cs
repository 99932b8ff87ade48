using System.Globalization;

namespace Isotope.Marking;

/// <summary>One of several runs that mark a dataset together, each of them a share of the images.</summary>
/// <param name="Index">Which run, from 1.</param>
/// <param name="Count">The number of runs.</param>
public sealed record Shard(int Index, int Count)
{
    private const string Automatic = "auto";
    private const int Most = 100_000;

    /// <summary>Schedulers, and the environment variables that hold a run's index, the first index, the step and the count.</summary>
    private static readonly (string Name, string Index, string? First, string? Step, string Count)[] Schedulers =
    [
        ("a Slurm job array", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP", "SLURM_ARRAY_TASK_COUNT"),
        ("a Kubernetes Indexed Job", "JOB_COMPLETION_INDEX", null, null, "JOB_COMPLETIONS"),
        ("torchrun", "RANK", null, null, "WORLD_SIZE"),
    ];

    /// <summary>
    /// Reads <c>i/n</c>, with i from 1 to n, or <c>auto</c>, which takes both from the environment of a Slurm job array, a Kubernetes
    /// Indexed Job or torchrun. <c>auto/n</c> gives the count, which Kubernetes does not tell.
    /// </summary>
    /// <param name="text">The text that the user wrote.</param>
    /// <param name="environment">Gives the value of an environment variable; null if it is not set.</param>
    /// <exception cref="IsotopeException">The text is something else, or the environment does not tell.</exception>
    public static Shard Parse(string text, Func<string, string?> environment)
    {
        var parts = text.Split('/');
        return parts switch
        {
            [Automatic] => OfEnvironment(null, environment),
            [Automatic, var count] when Number(count) is { } n => OfEnvironment(n, environment),
            [var index, var count] when Number(index) is { } i && Number(count) is { } n => Checked(i, n, text),
            _ => throw new IsotopeException($"--shard: expected I/N with I from 1 to N, auto or auto/N, found '{text}'"),
        };
    }

    /// <summary>This shard's share: every n-th item, so that the shares differ by at most one item.</summary>
    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> all) => [.. all.Where((_, position) => position % Count == Index - 1)];

    /// <summary>The shard's name in file names and settings.</summary>
    public override string ToString() => $"shard-{Index}-of-{Count}";

    private static Shard OfEnvironment(int? count, Func<string, string?> environment)
    {
        var found = Schedulers.Where(scheduler => environment(scheduler.Index) is not null).ToArray();
        if (found.Length != 1)
            throw new IsotopeException(
                $"--shard auto: expected one of {string.Join(", ", Schedulers.Select(scheduler => scheduler.Index))} to be set, found "
                    + $"{found.Length}"
            );
        var scheduler = found[0];
        var first = ValueOr(0, scheduler.First);
        var step = ValueOr(1, scheduler.Step);
        var index = (Value(scheduler.Index) - first) / Math.Max(1, step) + 1;
        if (count is { } given && environment(scheduler.Count) is { } told && Number(told) != given)
            throw new IsotopeException($"--shard auto/{given}: expected as many as {scheduler.Name} has, found {scheduler.Count}={told}");
        return Checked(index, count ?? Value(scheduler.Count), $"{scheduler.Name}'s {scheduler.Index}={environment(scheduler.Index)}");

        int ValueOr(int missing, string? variable) => variable is not null && environment(variable) is not null ? Value(variable) : missing;

        int Value(string variable)
        {
            if (Number(environment(variable)) is { } number)
                return number;
            var value = environment(variable) is { } other ? $"'{other}'" : "none (auto/N says the count)";
            throw new IsotopeException($"--shard auto: expected a number in {variable}, as {scheduler.Name} has it, found {value}");
        }
    }

    private static Shard Checked(int index, int count, string found) =>
        index >= 1 && index <= count && count <= Most
            ? new Shard(index, count)
            : throw new IsotopeException($"--shard: expected one of {count} shards, at most {Most}, found {found}");

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
