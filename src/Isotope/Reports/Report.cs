using System.Security.Cryptography;
using System.Text;
using Isotope.Files;

namespace Isotope.Reports;

/// <summary>A section of a report.</summary>
/// <param name="Id">Its place in the page.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Body">What stands below it.</param>
public sealed record Section(string Id, string Title, Html Body);

/// <summary>
/// One self-contained page: no request leaves it, which a policy in it keeps browsers to. Light and dark, for paper, phones, keyboards and
/// screen readers.
/// </summary>
/// <param name="Title">Of the page.</param>
/// <param name="Lead">What the first screen tells.</param>
/// <param name="Sections">What follows.</param>
/// <param name="Confidential">Why it must not be published; null where it may be.</param>
public sealed record Report(string Title, Html Lead, IReadOnlyList<Section> Sections, string? Confidential = null)
{
    /// <summary>
    /// A page of a local server: it may ask that server how far runs are, and send forms to it. Default false: nothing leaves the page.
    /// </summary>
    public bool IsLive { get; init; }

    /// <summary>The page.</summary>
    public string ToHtml()
    {
        var (style, script) = (Resource("report.css"), Resource("report.js"));
        return Html.Of(
                $"""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src '{Html.Trusted(
                    Hash(style)
                )}'; script-src '{Html.Trusted(Hash(script))}'; base-uri 'none'; {Html.Trusted(
                    IsLive ? "connect-src 'self'; form-action 'self'" : "form-action 'none'"
                )}">
                <meta name="color-scheme" content="light dark">
                <meta name="generator" content="Isotope {RunSettings.Version}">
                <title>{Title}</title>
                <style>{Html.Trusted(style)}</style>
                </head>
                <body>
                <a class="skip" href="#content">Skip to the report</a>
                <header><p class="brand">Isotope</p><nav aria-label="Sections"><ul>{Sections.Select(section =>
                    Html.Of($"""<li><a href="#{section.Id}">{section.Title}</a></li>""")
                )}</ul></nav></header>
                <main id="content">
                <h1>{Title}</h1>
                {(
                    Confidential is null
                        ? null
                        : Html.Of($"""<p class="confidential" role="note"><strong>Confidential.</strong> {Confidential}</p>""")
                )}
                {Lead}
                {Sections.Select(section =>
                    Html.Of(
                        $"""<section id="{section.Id}" aria-labelledby="{section.Id}-title"><h2 id="{section.Id}-title">{section.Title}</h2>{section.Body}</section>"""
                    )
                )}
                </main>
                <footer><p>Made by Isotope {RunSettings.Version}.</p></footer>
                <script>{Html.Trusted(script)}</script>
                </body>
                </html>

                """
            )
            .ToString();
    }

    /// <summary>Writes the page, whole or not at all.</summary>
    /// <exception cref="IsotopeException">It can't be written.</exception>
    public void Save(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(ToHtml());
        if (Confidential is null)
            AtomicFile.Write(path, stream => stream.Write(bytes));
        else
            AtomicFile.WritePrivate(path, stream => stream.Write(bytes));
    }

    /// <summary>Several reports of one story as one page: the first's verdict, then the others', and everybody's sections.</summary>
    public static Report Join(IReadOnlyList<Report> reports)
    {
        if (reports.Count == 1)
            return reports[0];
        var leads = reports.Select((report, i) => i == 0 ? report.Lead : Html.Of($"""<p class="soft">{report.Title}</p>{report.Lead}"""));
        var sections = reports.SelectMany(
            (report, i) =>
                report.Sections.Select(section =>
                    i == 0
                        ? section
                        : section with
                        {
                            Id = $"{section.Id}-{i + 1}",
                            Title = $"{section.Title} ({report.Title.ToLowerInvariant()})",
                        }
                )
        );
        return new Report(
            reports[0].Title,
            Html.Join(leads),
            [.. sections],
            reports.Select(report => report.Confidential).FirstOrDefault(why => why is not null)
        );
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Resource(string name)
    {
        using var stream = typeof(Report).Assembly.GetManifestResourceStream($"Isotope.Reports.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
