using ConversationLookup.Files;
using ConversationLookup.Tests.Connector;
using ConversationLookup.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace ConversationLookup.Tests.Files;

/// <summary>What the definition says of files is what the app does.</summary>
public sealed class FileDefinitionTests
{
    public static TheoryData<string> Statuses => [.. ServedDefinition.Statuses().Where(pair => pair.OperationId == "GetFile").Select(pair => pair.Status)];

    /// <summary>Every status that the operation lists can be had, and its body fits the schema.</summary>
    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task Every_status_it_lists_is_answered_with_a_body_that_fits(string status)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await MediaHost.StartAsync();
        await using var vault = await KeyVaultStandIn.StartAsync();
        host.Answer = status switch
        {
            "404" => FakeWassist.Status(410),
            "413" => async context =>
            {
                context.Response.ContentLength = FileHandlers.Largest + 1;
                await context.Response.Body.FlushAsync();
                await FakeWassist.Never(context);
            }
            ,
            "502" => FakeWassist.Status(500),
            "504" => FakeWassist.Never,
            _ => host.Answer,
        };
        await using var wassist = await MediaHost.WassistWithAsync((status == "424" ? "https://elsewhere.example/a.jpg" : $"{host.Url}/a.jpg", "image/jpeg"));
        if (status == "429")
            wassist.Answer = FakeWassist.Status(429, """{"retry_after":30}""");
        var settings = new Dictionary<string, string> { ["Files:AllowLocalHosts"] = "true" };
        if (status == "401")
            settings["LocalHost:Key"] = "key";
        if (status == "503")
            vault.Fault = KeyVaultStandIn.Error(403, "Forbidden");
        Action<IServiceCollection> configure = status == "504" ? services => services.AddSingleton<TimeProvider>(time) : _ => { };
        await using var app = status == "503" ? await vault.StartAppAsync(wassist, configure, settings) : await App.StartAsync(wassist, settings, configure);
        var definition = await ServedDefinition.LoadAsync(app);
        var path = definition.PathOf("GetFile", Bodies.Id).Replace("{messageId}", MediaHost.MessageId, StringComparison.Ordinal) + (status == "400" ? "?index=-1" : "");

        if (status == "200")
        {
            using var response = await app.Http.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(MediaHost.Jpeg, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            var headers = definition.Json["paths"]!["/api/conversations/{id}/messages/{messageId}/media"]!["get"]!["responses"]!["200"]!["headers"]!.AsObject();
            Assert.All(headers, header => Assert.True(response.Headers.Concat(response.Content.Headers).Any(given => given.Key == header.Key), header.Key));
            return;
        }

        var answer = await (status == "504" ? App.WhileTimePassesAsync(time, app.GetAsync(path)) : app.GetAsync(path));
        Assert.Equal(status, $"{answer.StatusCode}");
        definition.AssertKept("GetFile", answer);
    }

    [Theory]
    [InlineData(0, 200)]
    [InlineData(99, 404)]
    [InlineData(-1, 400)]
    [InlineData(100, 400)]
    public async Task Its_bounds_are_the_apps(int index, int status)
    {
        await using var host = await MediaHost.StartAsync();
        await using var wassist = await MediaHost.WassistWithAsync(($"{host.Url}/a.jpg", "image/jpeg"));
        await using var app = await App.StartAsync(wassist, new Dictionary<string, string> { ["Files:AllowLocalHosts"] = "true" });
        var parameter = (await ServedDefinition.LoadAsync(app)).Operation("GetFile").Operation.Parameters.Single(parameter => parameter.Name == "index");

        using var response = await app.Http.GetAsync($"conversations/{Bodies.Id}/messages/{MediaHost.MessageId}/media?index={index}", TestContext.Current.CancellationToken);

        Assert.Equal((0m, 99m), (parameter.Minimum, parameter.Maximum));
        Assert.Equal(status, (int)response.StatusCode);
    }
}
