using System.Text.Json.Nodes;
using ConversationLookup.LocalHost.SampleWassist;
using ConversationLookup.Tests.Support;

namespace ConversationLookup.Tests.LocalHost;

/// <summary>The sample's templates are of every kind that a sender must tell apart, and are refused where Wassist refuses them.</summary>
public sealed class SampleTemplatesTests
{
    [Fact]
    public async Task Its_list_is_a_bare_array_with_metas_components_and_verdicts_in_every_kind()
    {
        await using var caller = await SampleCaller.StartAsync();

        var templates = (await caller.GetAsync("whatsapp-templates/?limit=1")).Body.AsArray().ToDictionary(template => (string)template!["name"]!, template => template!);

        Assert.Equal(SampleTemplates.All.Count, templates.Count); // it has no pages
        Assert.Equal(["NAMED", "POSITIONAL"], templates.Values.Select(template => (string?)template["parameterFormat"]).Distinct().Order());
        Assert.Equal(["de", "en_GB"], templates.Values.Select(template => (string?)template["language"]).Distinct().Order());
        Assert.Equal("IMAGE", (string?)templates["new_arrivals"]["components"]![0]!["format"]);
        Assert.Equal("https://shop.example/orders/{{1}}", (string?)templates["order_update"]["components"]![2]!["buttons"]![0]!["url"]);
        var numbers = (await caller.GetAsync("phone-numbers/")).Body.AsArray();
        Assert.Equal(
            ["APPROVED", "PENDING"],
            numbers.Select(number => (string?)number!["whatsappBusinessAccount"]?["waId"]).OfType<string>()
                .Select(account => (string?)templates["spring_sale"]["accountLinks"]!.AsArray().Single(link => (string?)link!["wabaId"] == account)!["status"]).Order());
    }

    [Theory]
    [InlineData("order_update", """{"body":["Amara","5512"],"buttons":["5512"]}""")]
    [InlineData("appointment_reminder", """{"header":{"day":"Monday"},"body":{"first_name":"Amara","time":"10:30"}}""")]
    [InlineData("new_arrivals", """{"header":"https://media.example/a.jpg","body":["lanterns"]}""")]
    [InlineData("new_arrivals", """{"header":["https://media.example/a.jpg"],"body":["lanterns"]}""")]
    [InlineData("opening_hours", "null")]
    [InlineData("opening_hours", """{"body":[],"buttons":[]}""")]
    [InlineData("lieferung_unterwegs", """{"body":["Jonas","5512"]}""")]
    public async Task A_template_with_its_values_is_sent_whether_or_not_the_reply_window_is_open(string name, string variables)
    {
        await using var caller = await SampleCaller.StartAsync();

        foreach (var id in (string[])[Bodies.Id, caller.IdOf("reply window closed")])
        {
            var (status, message) = await SendAsync(caller, id, name, variables);

            Assert.Equal((201, "template", name), (status, (string?)message["type"], (string?)message["template"]!["templateName"]));
            var conversation = await caller.ConversationAsync(id);
            Assert.Equal(("template", null), ((string?)conversation["lastMessage"]!["type"], (string?)conversation["lastMessage"]!["body"]));
            Assert.Equal(id == Bodies.Id, (int)conversation["chatWindowRemainingTime"]! > 0); // a template opens no window
        }
    }

    [Theory]
    [InlineData("order_update", "null", "variables.body")]
    [InlineData("order_update", """{"body":["Amara"],"buttons":["5512"]}""", "variables.body: 'order_update' takes a list with 2 texts")]
    [InlineData("order_update", """{"body":["Amara",""],"buttons":["5512"]}""", "variables.body")]
    [InlineData("order_update", """{"body":["Amara",5512],"buttons":["5512"]}""", "variables.body")]
    [InlineData("order_update", """{"body":{"1":"Amara","2":"5512"},"buttons":["5512"]}""", "variables.body")]
    [InlineData("order_update", """{"body":["Amara","5512"]}""", "variables.buttons: 'order_update' takes a list with 1 text")]
    [InlineData("order_update", """{"body":["Amara","5512"],"buttons":["5512"],"header":"x"}""", "variables.header")]
    [InlineData("appointment_reminder", """{"header":["Monday"],"body":{"first_name":"Amara","time":"10:30"}}""", "variables.header: 'appointment_reminder' takes an object with day")]
    [InlineData("appointment_reminder", """{"header":{"day":"Monday"},"body":["Amara","10:30"]}""", "variables.body: 'appointment_reminder' takes an object with first_name and time")]
    [InlineData("appointment_reminder", """{"header":{"day":"Monday"},"body":{"first_name":"Amara"}}""", "variables.body")]
    [InlineData("appointment_reminder", """{"header":{"day":"Monday"},"body":{"first_name":"Amara","time":"10:30"},"buttons":["x"]}""", "variables.buttons")]
    [InlineData("new_arrivals", """{"body":["lanterns"]}""", "variables.header")]
    [InlineData("new_arrivals", """{"header":"a.jpg","body":["lanterns"]}""", "variables.header")]
    [InlineData("opening_hours", """{"body":["x"]}""", "variables.body: 'opening_hours' takes no values")]
    [InlineData("opening_hours", """{"buttons":["x"]}""", "variables.buttons: 'opening_hours' takes no values")]
    [InlineData("spring_sale", """{"body":["20 %"],"buttons":["SPRING20"]}""", "not approved")]
    [InlineData("nobody_knows", "null", "no such template")]
    public async Task A_template_that_is_unknown_or_unapproved_or_lacks_a_value_is_refused_with_a_reason(string name, string variables, string reason)
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, answer) = await SendAsync(caller, Bodies.Id, name, variables);

        Assert.Equal(400, status);
        Assert.Contains(reason, (string?)answer["detail"], StringComparison.Ordinal);
        Assert.Empty(await caller.SentAsync());
    }

    [Fact]
    public async Task No_template_can_be_sent_from_the_sandbox_number()
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, answer) = await SendAsync(caller, caller.IdOf("on Wassist's sandbox number"), "opening_hours", "null");

        Assert.Equal((400, "Templates cannot be sent from a sandbox number."), (status, (string?)answer["detail"]));
    }

    [Theory]
    [InlineData("""["SPRING20"]""")]
    [InlineData("""["No more offers","SPRING20"]""")]
    public async Task A_template_that_waits_for_approval_for_one_number_can_be_sent_from_another(string buttons)
    {
        await using var caller = await SampleCaller.StartAsync();

        var (status, _) = await caller.PostAsync("conversations/", $$$"""
            {"toNumber":"+447700900555","fromNumber":"+493023125111","message":{"type":"template","template":{"name":"spring_sale","variables":{"body":["20 %"],"buttons":{{{buttons}}} } } } }
            """);

        Assert.Equal(201, status);
    }

    private static Task<(int Status, JsonNode Body)> SendAsync(SampleCaller caller, string conversationId, string name, string variables) => caller.PostAsync(
        $"conversations/{conversationId}/messages/", $$$"""{"type":"template","template":{"name":"{{{name}}}","variables":{{{variables}}} }}""");
}
