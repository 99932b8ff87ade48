using System.Security.Cryptography;
using System.Text;
using Isotope.Files;

namespace Isotope.Reports;

/// <summary>A section of a report.</summary>
/// <param name="Id">Its anchor on the page.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Body">The content below the heading.</param>
internal sealed record Section(string Id, string Title, Html Body);

/// <summary>
/// One self-contained page. It makes no requests, and its policy keeps browsers to that. Light and dark, for paper, phones, keyboards and
/// screen readers.
/// </summary>
/// <param name="Title">Title of the page.</param>
/// <param name="Lead">The first screen.</param>
/// <param name="Sections">The rest of the page.</param>
/// <param name="Confidential">Why the page must not be published; null if it may be.</param>
internal sealed record Report(string Title, Html Lead, IReadOnlyList<Section> Sections, string? Confidential = null)
{
    /// <summary>
    /// Whether this is a page of a local server, which may ask that server about the progress of runs and send forms to it. Default: false,
    /// no requests at all.
    /// </summary>
    public bool IsLive { get; init; }

    /// <summary>The page.</summary>
    public string ToHtml()
    {
        var style = Resource("report.css");
        var script = Resource("report.js");
        var warning = Confidential is null
            ? null
            : Html.Of($"""<p class="confidential" role="note"><strong>Confidential.</strong> {Confidential}</p>""");
        return Html.Of(
                $"""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta http-equiv="Content-Security-Policy" content="{Policy(style, script)}">
                <meta name="color-scheme" content="light dark">
                <meta name="generator" content="Isotope {RunSettings.Version}">
                <title>{Title}</title>
                <style>{Html.Trusted(style)}</style>
                </head>
                <body>
                <a class="skip" href="#content">Skip to the report</a>
                <header><p class="brand">Isotope</p><nav aria-label="Sections"><ul>{Sections.Select(Link)}</ul></nav></header>
                <main id="content">
                <h1>{Title}</h1>
                {warning}
                {Lead}
                {Sections.Select(Element)}
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

    /// <summary>Joins reports that belong together: the verdict of the first, then the leads of the others, and all sections.</summary>
    public static Report Join(IReadOnlyList<Report> reports)
    {
        if (reports.Count == 1)
            return reports[0];
        var leads = reports.Select((report, i) => i == 0 ? report.Lead : Html.Of($"""<p class="soft">{report.Title}</p>{report.Lead}"""));
        var sections = reports.SelectMany(
            (report, i) => i == 0 ? report.Sections : report.Sections.Select(s => Numbered(s, report, i + 1))
        );
        var confidential = reports.Select(report => report.Confidential).FirstOrDefault(why => why is not null);
        return new Report(reports[0].Title, Html.Join(leads), [.. sections], confidential);
    }

    /// <summary>A section whose id and title differ from those of the first report.</summary>
    private static Section Numbered(Section section, Report report, int number) =>
        section with
        {
            Id = $"{section.Id}-{number}",
            Title = $"{section.Title} ({report.Title.ToLowerInvariant()})",
        };

    private static Html Link(Section section) => Html.Of($"""<li><a href="#{section.Id}">{section.Title}</a></li>""");

    private static Html Element(Section section)
    {
        var heading = Html.Of($"""<h2 id="{section.Id}-title">{section.Title}</h2>""");
        return Html.Of($"""<section id="{section.Id}" aria-labelledby="{section.Id}-title">{heading}{section.Body}</section>""");
    }

    /// <summary>Content Security Policy: images and scripts of the page itself, and no requests.</summary>
    private Html Policy(string style, string script)
    {
        var requests = IsLive ? "connect-src 'self'; form-action 'self'" : "form-action 'none'";
        return Html.Trusted(
            $"default-src 'none'; img-src data:; style-src '{Hash(style)}'; script-src '{Hash(script)}'; base-uri 'none'; {requests}"
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
