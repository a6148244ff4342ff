using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ConversationLookup.Agents;

/// <summary>
/// The C# SDK's own endpoint, without a web application to map it to: a Functions app routes triggers, and both hosts are to answer the same.
/// </summary>
public sealed class McpServerEndpoint(IServiceProvider services)
{
    private readonly RequestDelegate _answer = new Mapped(services).Post();

    /// <summary>Answers one message.</summary>
    /// <param name="context">Its request has the message as its body, and the protocol's headers.</param>
    public Task AnswerAsync(HttpContext context) => _answer(context);

    private sealed class Mapped(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);

        public RequestDelegate Post()
        {
            this.MapMcp();
            return DataSources.SelectMany(source => source.Endpoints)
                .Single(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Post) is true)
                .RequestDelegate!;
        }
    }
}
