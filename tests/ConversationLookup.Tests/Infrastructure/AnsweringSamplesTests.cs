using System.Text.Json.Nodes;
using ConversationLookup.Tests.Actions;
using ConversationLookup.Tests.Connector;
using ConversationLookup.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace ConversationLookup.Tests.Infrastructure;

/// <summary>The samples that answer a contact: what they send, how often, and whom they tell when it was not sent. The app is one that takes what the connector's definition allows.</summary>
public sealed class AnsweringSamplesTests
{
    private const string ApprovedReply = "power-automate-approved-reply.md";

    private const string OutOfHours = "power-automate-out-of-hours.md";

    private const string Draft = "It arrives tomorrow.";

    [Theory]
    [InlineData(ApprovedReply, 8)]
    [InlineData(OutOfHours, 6)]
    [InlineData("power-automate-flow.md", 4)]
    public void Every_step_of_a_document_is_a_step_of_its_flow(string file, int steps)
    {
        var flow = FlowDocument.Read(file);

        Assert.Equal(steps, flow["triggers"]!.AsObject().Count + CountOf(flow["actions"]!.AsObject()));
        Assert.Equal(steps, Repository.Read("infra", "samples", file).Split("\n## ").Count(section => char.IsAsciiDigit(section[0])));
    }

    [Fact]
    public async Task An_approved_draft_is_sent_to_the_conversation_that_it_answers()
    {
        await using var app = await FakeApp.StartAsync();
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);
        using var run = RunOf(ApprovedReply, platform, "Approve");

        await run.RunAsync(Written(app.Definition, handledBy: "human"));

        Assert.Equal(["ListMessages", "SendMessage"], app.Calls.Select(call => call.OperationId));
        Assert.All(app.Calls, call => Assert.Equal(Bodies.Id, call.Id));
        AssertBody($$"""{"text":"{{Draft}}","idempotencyKey":"3eb55a15-273c-43f4-a98b-17a1c06c0d65-reply"}""", app.Calls[1]);
        Assert.Equal(["aibuilderpredict_customprompt", "StartAndWaitForAnApproval"], run.OtherCalls.Select(call => call.Operation));
        var details = run.OtherCalls[1].Parameters["WebhookApprovalCreationInput/details"]!.ToString();
        Assert.StartsWith(Draft, details, StringComparison.Ordinal);
        Assert.EndsWith(run.Outputs("List_messages")!["body"]!["transcript"]!.ToString(), details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_draft_is_not_sent()
    {
        await using var app = await FakeApp.StartAsync();
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);
        using var run = RunOf(ApprovedReply, platform, "Reject");

        await run.RunAsync(Written(app.Definition, handledBy: "human"));

        Assert.Equal("ListMessages", Assert.Single(app.Calls).OperationId);
        Assert.Equal("Succeeded", run.Status("Is_a_person_handling_it"));
    }

    [Fact]
    public async Task While_the_agent_is_handling_the_conversation_nobody_is_asked_to_approve()
    {
        await using var app = await FakeApp.StartAsync();
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);
        using var run = RunOf(ApprovedReply, platform, "Approve");

        await run.RunAsync(Written(app.Definition, handledBy: "agent"));

        Assert.Empty(app.Calls);
        Assert.Empty(run.OtherCalls);
    }

    /// <summary>None of these heals by itself, so the platform does not repeat the call.</summary>
    [Theory]
    [InlineData(403, "action_not_allowed")]
    [InlineData(409, "reply_window_closed")]
    [InlineData(409, "outcome_unknown")]
    [InlineData(422, "idempotency_mismatch")]
    public async Task A_reply_that_was_not_sent_is_tried_once_and_a_person_is_told_what_to_do(int status, string code)
    {
        await using var app = await FakeApp.StartAsync();
        app.Answers["SendMessage"] = FakeApp.Problem(status, code, "Do this.");
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);
        using var run = RunOf(ApprovedReply, platform, "Approve");

        await run.RunAsync(Written(app.Definition, handledBy: "human"));

        Assert.Single(app.Calls, call => call.OperationId == "SendMessage");
        var (operation, email) = run.OtherCalls[^1];
        Assert.Equal(("SendEmailV2", $"<p>Do this.</p><p>{code}</p>"), (operation, email["emailMessage/Body"]!.ToString()));
    }

    [Theory]
    [InlineData("2026-11-23T08:59:59Z", true)]
    [InlineData("2026-11-23T09:00:00Z", false)]
    [InlineData("2026-11-23T17:59:59Z", false)]
    [InlineData("2026-11-23T18:00:00Z", true)]
    [InlineData("2026-07-01T17:30:00Z", true)] // 18:30 in London
    [InlineData("2026-07-01T08:30:00Z", false)]
    public async Task Out_of_hours_the_flow_takes_over_and_answers_and_at_other_times_it_does_nothing(string occurredAt, bool answers)
    {
        await using var app = await FakeApp.StartAsync();
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);
        using var run = RunOf(OutOfHours, platform);

        await run.RunAsync(Written(app.Definition, handledBy: "agent", occurredAt));

        Assert.Equal(answers ? ["TakeOver", "SendMessage"] : [], app.Calls.Select(call => call.OperationId));
        Assert.Equal(answers ? 1 : 0, run.OtherCalls.Count);
    }

    [Fact]
    public async Task The_flow_says_when_people_are_back_and_offers_a_button()
    {
        await using var app = await FakeApp.StartAsync();
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);
        using var run = RunOf(OutOfHours, platform);

        await run.RunAsync(Written(app.Definition, handledBy: "agent"));

        AssertBody("""{"minutes":720}""", app.Calls[0]);
        AssertBody(
            """
            {"text":"Thank you for your message. We are closed now, and answer from 9:00.","buttons":[{"text":"Call me back","id":"call-me-back"}],
             "idempotencyKey":"3eb55a15-273c-43f4-a98b-17a1c06c0d65-closed"}
            """,
            app.Calls[1]);
        Assert.Equal("<p>Amara Osei wrote out of hours: This door, please</p>", Assert.Single(run.OtherCalls).Parameters["body/messageBody"]!.ToString());
    }

    [Theory]
    [InlineData(OutOfHours)]
    [InlineData("logic-app-answer.bicep")]
    public async Task Once_a_person_has_taken_over_the_next_messages_of_the_night_change_nothing(string file)
    {
        await using var app = await FakeApp.StartAsync();
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);
        using var run = await RunOfAsync(file, app.Url, platform);

        await run.RunAsync(Written(app.Definition, handledBy: "human"));

        Assert.Empty(app.Calls);
        Assert.Empty(run.OtherCalls);
    }

    [Theory]
    [InlineData("TakeOver", new[] { "TakeOver" })]
    [InlineData("SendMessage", new[] { "TakeOver", "SendMessage" })]
    public async Task The_team_hears_of_the_message_whatever_failed_before(string failing, string[] calls)
    {
        await using var app = await FakeApp.StartAsync();
        app.Answers[failing] = FakeApp.Problem(403, "action_not_allowed", "Ask the operator.");
        using var platform = new FlowPlatform(app.Definition, FakeApp.Key);
        using var run = RunOf(OutOfHours, platform);

        await run.RunAsync(Written(app.Definition, handledBy: "agent"));

        Assert.Equal(calls, app.Calls.Select(call => call.OperationId));
        Assert.Single(run.OtherCalls);
    }

    [Theory]
    [InlineData(true, "SendMessage", """{"text":"Thank you for your message. We are closed now, and answer from 9:00."}""")]
    [InlineData(false, "SendTemplate", """{"templateName":"out_of_hours"}""")]
    public async Task The_Logic_App_takes_over_and_sends_text_or_a_template_if_text_may_not_be_sent(bool windowIsOpen, string operationId, string body)
    {
        await using var app = await FakeApp.StartAsync();
        using var run = await RunOfAsync("logic-app-answer.bicep", app.Url);

        await run.SubscribeAsync("https://prod-00.westeurope.logic.azure.com/workflows/abc");
        var written = Written(app.Definition, handledBy: "agent");
        written["conversation"]!["replyWindowIsOpen"] = windowIsOpen;
        await run.RunAsync(written);

        Assert.Equal(["WhenAMessageIsReceived", "TakeOver", operationId], app.Calls.Select(call => call.OperationId));
        AssertBody("""{"minutes":720}""", app.Calls[1]);
        AssertBody(body, app.Calls[2]);
        Assert.Equal("3eb55a15-273c-43f4-a98b-17a1c06c0d65-closed", app.Calls[2].Headers["Idempotency-Key"]);
        Assert.Equal("Succeeded", run.Status("Is_it_out_of_hours"));
    }

    [Fact]
    public async Task The_Logic_App_has_the_problem_at_hand_for_whoever_is_to_be_told()
    {
        await using var app = await FakeApp.StartAsync();
        app.Answers["SendMessage"] = FakeApp.Problem(409, "outcome_unknown", "Look whether it was sent.");
        using var run = await RunOfAsync("logic-app-answer.bicep", app.Url);

        await run.RunAsync(Written(app.Definition, handledBy: "agent"));

        Assert.Single(app.Calls, call => call.OperationId == "SendMessage");
        Assert.Equal(("outcome_unknown", "Look whether it was sent."), (
            run.Outputs("What_to_do_if_the_message_failed")!["code"]!.ToString(), run.Outputs("What_to_do_if_the_message_failed")!["detail"]!.ToString()));
    }

    /// <summary>By these the app recognizes a repeat, as the real platform sends them.</summary>
    [Fact]
    public async Task A_call_that_the_platform_repeats_has_the_same_ids_and_every_other_call_has_its_own()
    {
        await using var app = await FakeApp.StartAsync();
        var example = app.Definition.ExampleOf("TakeOver").Body;
        app.Answers["TakeOver"] = FakeWassist.InTurn(FakeApp.Problem(503, "storage_unavailable", "Wait."), context => context.Response.WriteAsJsonAsync(example));
        using var run = await RunOfAsync("logic-app-answer.bicep", app.Url);

        await run.RunAsync(Written(app.Definition, handledBy: "agent"));

        Assert.Equal(["TakeOver", "TakeOver", "SendMessage"], app.Calls.Select(call => call.OperationId));
        Assert.All(app.Calls, call => Assert.Equal(run.Id, call.Headers["x-ms-workflow-run-id"]));
        var ids = app.Calls.Select(call => call.Headers["x-ms-action-tracking-id"]).ToList();
        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[0], ids[2]);
    }

    /// <summary>Wassist or the app may tell a flow of a message again. The second run has ids of its own, but the same delivery.</summary>
    [Theory]
    [InlineData(ApprovedReply, "human", Draft)]
    [InlineData(OutOfHours, "agent", "Thank you for your message. We are closed now, and answer from 9:00.")]
    [InlineData("logic-app-answer.bicep", "agent", "Thank you for your message. We are closed now, and answer from 9:00.")]
    public async Task With_the_real_app_a_second_run_for_the_same_message_sends_nothing_and_gets_the_same_answer(string file, string handledBy, string text)
    {
        await using var acting = await ActingApp.StartAsync(new Dictionary<string, string> { ["LocalHost:Key"] = FakeApp.Key });
        var definition = await ServedDefinition.LoadAsync(acting.App);
        using var platform = new FlowPlatform(definition, FakeApp.Key);
        var written = Written(definition, handledBy);
        var answers = new List<string>();

        foreach (var _ in (int[])[1, 2])
        {
            using var run = await RunOfAsync(file, acting.App.Http.BaseAddress!, platform, "Approve");
            await run.RunAsync(written);
            Assert.Equal("Succeeded", run.Status("Send_message"));
            answers.Add(run.Outputs("Send_message")!["body"]!.ToJsonString());
        }

        Assert.Equal(text, Assert.Single(acting.Wassist.Sent).Text);
        Assert.Equal(answers[0], answers[1]);
    }

    private static int CountOf(JsonObject actions) => actions.Sum(action => 1 + WorkflowRun.Branches(action.Value!).Sum(CountOf));

    /// <summary>The trigger's example at an hour of the night, of a conversation that somebody is handling.</summary>
    private static JsonObject Written(ServedDefinition definition, string handledBy, string occurredAt = "2026-11-23T20:30:29Z")
    {
        var notification = definition.ExampleOfNotification();
        notification["occurredAt"] = occurredAt;
        notification["conversation"]!["handledBy"] = handledBy;
        return notification;
    }

    private static WorkflowRun RunOf(string file, FlowPlatform platform, string outcome = "") => new(FlowDocument.Read(file))
    {
        Platform = platform,
        OtherOperations =
        {
            ["aibuilderpredict_customprompt"] = _ => new JsonObject { ["responsev2"] = new JsonObject { ["predictionOutput"] = new JsonObject { ["text"] = Draft } } },
            ["StartAndWaitForAnApproval"] = _ => new JsonObject { ["outcome"] = outcome },
            ["SendEmailV2"] = _ => new JsonObject(),
            ["PostMessageToConversation"] = _ => new JsonObject(),
        },
    };

    private static async Task<WorkflowRun> RunOfAsync(string file, Uri app, FlowPlatform? platform = null, string outcome = "")
    {
        if (file.EndsWith(".md", StringComparison.Ordinal))
            return RunOf(file, platform!, outcome);

        var template = await Bicep.BuildAsync(Repository.PathOf("infra", "samples", file));
        var parameters = template["parameters"]!.AsObject().Where(parameter => parameter.Value!["defaultValue"] is not null)
            .ToDictionary(parameter => parameter.Key, parameter => parameter.Value!["defaultValue"]!);
        (parameters["hostName"], parameters["functionKey"]) = (app.Authority, FakeApp.Key);
        return new WorkflowRun(Assert.Single(template["resources"]!.AsArray())!["properties"]!["definition"]!, parameters);
    }

    private static void AssertBody(string expected, AppCall call) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), call.Body), $"{call.OperationId} was sent {call.Body?.ToJsonString()}");
}
