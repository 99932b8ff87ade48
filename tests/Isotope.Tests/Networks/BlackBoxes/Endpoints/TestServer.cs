using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Isotope.Tests.Networks.BlackBoxes.Endpoints;

/// <summary>A real HTTP server (Kestrel) on a free loopback port.</summary>
internal sealed class TestServer : IDisposable
{
    private readonly WebApplication application;

    /// <param name="handle">Answers a request; it may fail, wait, or cut the connection.</param>
    public TestServer(Func<HttpContext, Task> handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        application = builder.Build();
        application.Run(context =>
        {
            Requests.Enqueue($"{context.Request.Method} {context.Request.Path}");
            return handle(context);
        });
        application.StartAsync().GetAwaiter().GetResult();
        Url = new Uri(application.Urls.Single());
    }

    /// <summary>Address with the port.</summary>
    public Uri Url { get; }

    /// <summary>Method and path of every request.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public void Dispose() => application.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
