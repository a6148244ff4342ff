using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace ConversationLookup.LocalHost.SampleWassist;

/// <summary>
/// The sample's conversations as they are now. What happened is kept with its time; what the clock alone makes of it is worked out when somebody asks:
/// a reply window runs down, a takeover ends, a message is delivered and read, an agent's answer comes.
/// </summary>
public sealed class SampleState(IReadOnlyList<SampleConversation> first, TimeProvider time)
{
    private readonly Lock _starting = new();
    private readonly ConcurrentDictionary<string, Happened> _happened = new();
    private readonly FrozenDictionary<string, IReadOnlyList<JsonObject>> _before = first.ToFrozenDictionary(
        conversation => conversation.Id,
        conversation => SampleMessages.Before(conversation.At(time.GetUtcNow()), everyType: conversation == first[0]));

    private volatile ImmutableList<SampleConversation> _all = [.. first];

    /// <summary>Every conversation, those that were started through the API at the end.</summary>
    public IReadOnlyList<SampleConversation> All => _all;

    public SampleConversation? Find(string id) => _all.Find(one => string.Equals(one.Id, id, StringComparison.OrdinalIgnoreCase));

    /// <summary>The conversation of a contact with a number of the business: WhatsApp has one for each such pair.</summary>
    /// <param name="phoneNumber">The contact's, digits only.</param>
    public SampleConversation FindOrStart(string phoneNumber, SampleNumber number)
    {
        lock (_starting)
        {
            if (_all.Find(one => Now(one).IsBetween(phoneNumber, number)) is { } known)
                return known;
            var started = SampleConversation.Started(Guid.NewGuid().ToString(), phoneNumber, number, time.GetUtcNow());
            _all = _all.Add(started);
            return started;
        }
    }

    public SampleSnapshot Now(SampleConversation conversation)
    {
        var now = time.GetUtcNow();
        var body = conversation.At(now);
        var happened = HappenedIn(conversation);
        if (happened.WrittenUntil(now).LastOrDefault() is { } last)
            body["lastMessage"] = last.AsLastMessage();
        if (happened.WindowEnds is { } closesAt)
            body["chatWindowRemainingTime"] = Math.Max(0, (int)(closesAt - now).TotalSeconds);
        if (happened.TakeoverEnds is { } handedBackAt)
            body["isHumanTakeover"] = handedBackAt > now;
        happened.Routing?.ApplyTo(body);
        return new SampleSnapshot(body, !happened.IsRead && (string?)(body["lastMessage"] as JsonObject)?["role"] == "user");
    }

    /// <summary>Everything that was written in a conversation, the newest first, as the live API gives it.</summary>
    public IEnumerable<JsonNode> Messages(SampleConversation conversation)
    {
        var now = time.GetUtcNow();
        return Before(conversation).Select(message => message.DeepClone())
            .Concat(HappenedIn(conversation).WrittenUntil(now).Select(message => message.AsOf(now)))
            .Reverse();
    }

    /// <summary>The last message of the business at the start, which a contact may answer.</summary>
    public string? AnswerableIdIn(SampleConversation conversation) =>
        (string?)Before(conversation).LastOrDefault(message => (string?)message["role"] == "assistant")?["id"];

    /// <summary>The contact writes, which opens the reply window.</summary>
    public void Receive(SampleConversation conversation, SampleMessage message) => Change(conversation, before => before with
    {
        Written = before.Written.Add(message),
        WindowEnds = message.At + SampleConversation.ReplyWindow,
        IsRead = false,
    });

    /// <summary>The business writes.</summary>
    public void Send(SampleConversation conversation, SampleMessage message) =>
        Change(conversation, before => before with { Written = before.Written.Add(message) });

    public void Route(SampleConversation conversation, SampleRouting routing) => Change(conversation, before => before with { Routing = routing });

    /// <param name="left">How long the reply window stays open from now on; zero closes it.</param>
    public void LeaveWindowOpen(SampleConversation conversation, TimeSpan left) =>
        Change(conversation, before => before with { WindowEnds = time.GetUtcNow() + left });

    /// <param name="duration">How long a person has the conversation from now on; zero hands it back.</param>
    public void TakeOver(SampleConversation conversation, TimeSpan duration) =>
        Change(conversation, before => before with { TakeoverEnds = time.GetUtcNow() + duration });

    public void MarkRead(SampleConversation conversation) => Change(conversation, before => before with { IsRead = true });

    private IReadOnlyList<JsonObject> Before(SampleConversation conversation) => _before.GetValueOrDefault(conversation.Id, []);

    private Happened HappenedIn(SampleConversation conversation) => _happened.GetValueOrDefault(conversation.Id, Happened.Nothing);

    private void Change(SampleConversation conversation, Func<Happened, Happened> change) =>
        _happened.AddOrUpdate(conversation.Id, _ => change(Happened.Nothing), (_, before) => change(before));

    /// <param name="Written">Every message since the start.</param>
    /// <param name="WindowEnds">When the reply window ends, since something changed it.</param>
    /// <param name="TakeoverEnds">When the agent has the conversation back, since a person took it or gave it back.</param>
    /// <param name="Routing">Who answers, since something changed it.</param>
    /// <param name="IsRead">Whether the business has seen the contact's last message.</param>
    private sealed record Happened(
        ImmutableList<SampleMessage> Written, DateTimeOffset? WindowEnds, DateTimeOffset? TakeoverEnds, SampleRouting? Routing, bool IsRead)
    {
        public static readonly Happened Nothing = new([], null, null, null, IsRead: false);

        /// <summary>In the order of their times, without what is still to come.</summary>
        public IEnumerable<SampleMessage> WrittenUntil(DateTimeOffset now) => Written.Where(message => message.At <= now).OrderBy(message => message.At);
    }
}

/// <summary>A conversation of the sample at a moment.</summary>
/// <param name="Body">As Wassist answers it.</param>
/// <param name="HasUnread">Whether the contact's last message waits to be read.</param>
public sealed record SampleSnapshot(JsonNode Body, bool HasUnread)
{
    /// <summary>Whether free text may be sent.</summary>
    public bool IsOpen => Body["chatWindowRemainingTime"]!.ToString() is not ("0" or "00:00:00");

    public bool IsRoutedToWebhook => (string?)Body["routing"] == SampleRouting.ToWebhook.Name;

    public bool HasAgent => Body["activeAgent"] is not null;

    public SampleNumber Number => SampleAccount.NumberOf(Body);

    /// <param name="phoneNumber">The contact's, digits only.</param>
    /// <param name="number">The business's.</param>
    public bool IsBetween(string phoneNumber, SampleNumber number) =>
        ((string?)Body["contact"]!["phoneNumber"])?.TrimStart('+') == phoneNumber && Number == number;
}
