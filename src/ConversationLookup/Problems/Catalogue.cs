using System.Globalization;
using ConversationLookup.Values;

namespace ConversationLookup.Problems;

/// <summary>Every error a caller can see, in one place: code, status, title, the advice, and the cause for the log.</summary>
public static class Catalogue
{
    /// <summary>What to say when the upstream limits us and does not say for how long: its window is a minute.</summary>
    private static readonly TimeSpan RateLimitWindow = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan DependencyRetryAfter = TimeSpan.FromSeconds(10);

    public static Fault InvalidConversationId() => new(
        ProblemCodes.InvalidConversationId,
        "id",
        "The conversation id must be a UUID such as 7c1e4b52-3f0a-4d7e-9b6f-2a4d8c0e1f33. Use the 'conversationId' of the trigger or the 'id' of a conversation, not a phone number or a link.");

    public static Fault MissingConversationId() => new(
        ProblemCodes.InvalidConversationId,
        "id",
        "The conversation id is missing: the address ends with '/'. If a flow builds the address, the value that it inserts is empty. To list conversations, remove the final '/'.");

    /// <param name="names">Parameters or properties that nobody reads; ignored, they would look as if they did something. The first ten are told.</param>
    /// <param name="known">Those that are read.</param>
    public static IEnumerable<Fault> UnknownNames(IEnumerable<string> names, IReadOnlyList<string> known) => names.Take(10).Select(name => UnknownName(name, known));

    private static Fault UnknownName(string name, IReadOnlyList<string> known) => InvalidParameter(
        Plain(name),
        $"{Quote(name)} is not a valid name.{NearestName.HintAt(name, known)} {(known.Count == 0 ? "This route has no parameters." : $"Valid names: {string.Join(", ", known)}.")}");

    public static Fault UnknownField(IEnumerable<string> unknown, IEnumerable<string> known) => new(
        ProblemCodes.UnknownField,
        "fields",
        $"Unknown names in 'fields': {string.Join(", ", unknown.Select(Quote))}. Valid names: {string.Join(", ", known)}.");

    public static Fault InvalidBody(string detail) => new(ProblemCodes.InvalidBody, "body", detail);

    public static Fault InvalidParameter(string parameter, string detail) => new(ProblemCodes.InvalidParameter, parameter, detail);

    public static Fault InvalidPhoneNumber(string parameter) =>
        InvalidParameter(parameter, $"'{parameter}' must be a phone number in international format, such as +447700900111: with the country code, and without a 0 that is dialled only within the country.");

    public static Fault InvalidAgentId(string parameter) =>
        InvalidParameter(parameter, $"'{parameter}' must be the 'agentId' of a conversation, a UUID such as b7a1d9f0-5c3e-4e2b-8f61-0d9c8b7a6e55, not the agent's name.");

    public static Fault UnknownEvent(IEnumerable<string> unknown, IEnumerable<string> known) => InvalidParameter(
        "events", $"Unknown names in 'events': {string.Join(", ", unknown.Select(Quote))}. Valid names: {string.Join(", ", known)}.");

    /// <param name="reason">What about the URL is not allowed; never the URL, which is a secret.</param>
    public static Fault CallbackNotAllowed(string reason) => new(ProblemCodes.CallbackNotAllowed, "callbackUrl", reason);

    /// <summary>A 400 that names every fault; its code is the first one's.</summary>
    public static Problem InvalidRequest(IReadOnlyList<Fault> faults) =>
        new(faults[0].Code, 400, "The request is not valid", string.Join(' ', faults.Select(fault => fault.Detail))) { Faults = faults };

    public static Problem Unauthorized() => new(
        ProblemCodes.Unauthorized,
        401,
        "The function key is missing or wrong",
        "Send the function key in the 'x-functions-key' header. In Power Automate, edit the connection and paste the key again.");

    public static Problem OriginNotAllowed() => new(
        ProblemCodes.OriginNotAllowed,
        403,
        "Pages of other sites may not call this",
        "A page of another site sent this request. Call it from a program or from a page on this machine, or set 'LocalHost:Key' and send that key.",
        "the header Origin names another site");

    /// <summary>One answer for every signature that no secret would make good: what is wrong with it would help only a forger.</summary>
    public static Problem InvalidSignature(string cause) => new(
        ProblemCodes.InvalidSignature,
        401,
        "The webhook's signature is not valid",
        "Sign the webhook as Wassist does, in the header 'X-Wassist-Signature'. The sender's clock must be accurate to within five minutes.",
        cause);

    /// <summary>A 503, which Wassist repeats: right after a rotation it signs with a secret that nobody has put into the vault yet.</summary>
    /// <param name="retryAfter">When the vault may be asked again.</param>
    public static Problem SignatureUnknown(TimeSpan retryAfter) => new(
        ProblemCodes.SignatureUnknown,
        503,
        "The webhook was not signed with the secret in the key vault",
        "If the signing secret was rotated in Wassist, ask the operator to store the new one in the key vault now. Wassist sends the webhook again, and it is then accepted.",
        RetryAfter: retryAfter);

    /// <param name="largest">In bytes.</param>
    public static Problem PayloadTooLarge(int largest) => new(
        ProblemCodes.PayloadTooLarge,
        413,
        "The request body is too large",
        string.Create(CultureInfo.InvariantCulture, $"Send at most {largest / 1024} KiB."),
        "the body is over the limit");

    /// <param name="retryAfter">When the bodies under way have ended.</param>
    public static Problem Overloaded(TimeSpan retryAfter) => new(
        ProblemCodes.Overloaded,
        503,
        "The app is receiving too much data at once",
        "The requests in progress use all the memory reserved for request bodies. Try again after the time in 'Retry-After'.",
        "the request bodies in progress use all the memory reserved for them",
        retryAfter);

    public static Problem RouteNotFound() => new(
        ProblemCodes.RouteNotFound, 404, "No route matches this address", "Check the path. An id in it may be empty. The path of a conversation is /api/conversations/{id}.");

    public static Problem MethodNotAllowed() => new(
        ProblemCodes.MethodNotAllowed, 405, "This route does not support this HTTP method", "Use one of the methods in the 'Allow' header of this response.");

    /// <summary>What the web server refused before any handler saw it.</summary>
    public static Problem RefusedByServer(int status) => new(
        ProblemCodes.InvalidRequest, status, "The request could not be read", "Check the request's path, headers and size against the documentation.");

    public static Problem ConversationNotFound(string cause) => new(
        ProblemCodes.ConversationNotFound,
        404,
        "Wassist has no such conversation",
        "Check that the id belongs to the Wassist account of this connection, and that the conversation was not deleted.",
        cause);

    public static Problem UpstreamRejectedCredentials(string cause) => new(
        ProblemCodes.UpstreamRejectedCredentials,
        424,
        "Wassist does not accept the API key",
        "Ask the operator to store a valid Wassist API key in the key vault. The app starts to use it within 30 seconds, without a restart.",
        cause);

    public static Problem UpstreamRejectedRequest(int status, string cause) => new(
        ProblemCodes.UpstreamRejectedRequest,
        424,
        "Wassist refused the request",
        string.Create(CultureInfo.InvariantCulture, $"Wassist answered with status {status}. Retrying will not help. Ask the operator to search the log for the trace id."),
        cause);

    public static Problem UpstreamRateLimited(TimeSpan? retryAfter, string cause) => new(
        ProblemCodes.UpstreamRateLimited,
        429,
        "Too many requests to Wassist",
        "Wassist allows 100 requests a minute. Try again after the time in 'Retry-After', and make lookups less often.",
        cause,
        retryAfter ?? RateLimitWindow);

    public static Problem UpstreamInvalidResponse(string cause) => new(
        ProblemCodes.UpstreamInvalidResponse,
        502,
        "The response from Wassist could not be read",
        "Try again later. If the problem persists, ask the operator to check 'Wassist:BaseUrl' and to search the log for the trace id.",
        cause);

    /// <summary>A refusal that is not the API's: no conversation is missing and no key is wrong.</summary>
    public static Problem UpstreamIsNotWassist(int status, string cause) => UpstreamInvalidResponse($"{cause}, and not with the API's JSON") with
    {
        Detail = string.Create(
            CultureInfo.InvariantCulture,
            $"The response, with status {status}, did not come from the Wassist API. A proxy, a firewall or another server sent it. Ask the operator to check 'Wassist:BaseUrl' and the network between this app and Wassist."),
    };

    /// <param name="retryAfter">When Wassist wants to be asked again, if it says.</param>
    public static Problem UpstreamUnavailable(string cause, TimeSpan? retryAfter = null) => new(
        ProblemCodes.UpstreamUnavailable,
        502,
        "Wassist cannot be reached or is failing",
        retryAfter is null
            ? "Several attempts failed. Try again in a minute. If the problem persists, check Wassist's status page."
            : "Wassist is failing and asks callers to wait. Try again after the time in 'Retry-After'. If the problem persists, check Wassist's status page.",
        cause,
        retryAfter);

    public static Problem UpstreamTimeout(string cause) => new(
        ProblemCodes.UpstreamTimeout, 504, "Wassist did not answer in time", "Try again in a minute. If the problem persists, check Wassist's status page.", cause);

    public static Problem CircuitOpen(TimeSpan retryAfter) => new(
        ProblemCodes.CircuitOpen,
        503,
        "Lookups are paused because Wassist keeps failing",
        "Nearly every call to Wassist has failed in the last half minute. Try again after the time in 'Retry-After'.",
        "the circuit breaker is open",
        retryAfter);

    /// <param name="advice">What the operator should do; names the secret or setting, never a value.</param>
    /// <param name="cause">For the log.</param>
    public static Problem SecretUnavailable(string advice, string cause) =>
        new(ProblemCodes.SecretUnavailable, 503, "A secret that this app needs cannot be read", advice, cause, DependencyRetryAfter);

    /// <param name="advice">What the operator should do.</param>
    /// <param name="cause">For the log.</param>
    public static Problem StorageUnavailable(string advice, string cause) =>
        new(ProblemCodes.StorageUnavailable, 503, "Storage is not available", advice, cause, DependencyRetryAfter);

    public static Problem ActionNotAllowed(string action) => new(
        ProblemCodes.ActionNotAllowed,
        403,
        "The operator has not allowed this action",
        $"Ask the operator to add '{action}' to the setting 'Actions:Allowed'. Nothing was sent.",
        "the action is not in Actions:Allowed");

    public static Problem ReplyWindowClosed(string cause) => new(
        ProblemCodes.ReplyWindowClosed,
        409,
        "The reply window of this conversation is closed",
        "WhatsApp allows free text for 24 hours after the contact's last message. Send a template instead. Nothing was sent.",
        cause);

    /// <param name="advice">How a person finds out.</param>
    public static Problem OutcomeUnknown(string advice, string cause) => new(
        ProblemCodes.OutcomeUnknown,
        409,
        "It is not known whether Wassist did this",
        advice,
        cause);

    public static Problem IdempotencyMismatch() => new(
        ProblemCodes.IdempotencyMismatch,
        422,
        "This idempotency key was used for something else",
        "In the last 24 hours, the same idempotency key came with another action, conversation or body. Use a new key for each message. Nothing was sent.",
        "the idempotency key was used with another content");

    public static Problem ActionInProgress(TimeSpan retryAfter) => new(
        ProblemCodes.ActionInProgress,
        503,
        "The same action is still in progress",
        "A request with the same idempotency key is not finished. Try again with the same key after the time in 'Retry-After', and you get its answer.",
        "the first request with this idempotency key is still in progress",
        retryAfter);

    /// <param name="reason">A sentence that says what is the matter with the name.</param>
    public static Problem TemplateNotFound(string reason) => new(
        ProblemCodes.TemplateNotFound,
        404,
        "There is no such template",
        $"{reason} Nothing was sent.",
        "the template is not there, or not approved for this number");

    /// <param name="searched">How many messages were looked through.</param>
    public static Problem MessageNotFound(int searched) => new(
        ProblemCodes.MessageNotFound,
        404,
        "There is no such message in this conversation",
        string.Create(CultureInfo.InvariantCulture, $"Check that the message id belongs to this conversation. It is searched for among the newest {searched:N0} messages."),
        "the message is not among the conversation's messages");

    /// <param name="files">How many the message has.</param>
    public static Problem MediaNotFound(int files) => new(
        ProblemCodes.MediaNotFound,
        404,
        "The message has no such file",
        files switch
        {
            0 => "The message has no picture, recording or file. 'mediaUrl' is not empty where there is one.",
            1 => "The message has one file. Leave 'index' out, or set it to 0.",
            _ => string.Create(CultureInfo.InvariantCulture, $"The message has {files} files. Set 'index' to a number from 0 to {files - 1}."),
        },
        "the message has no file with this index");

    public static Problem MediaGone(string cause) => new(
        ProblemCodes.MediaGone,
        404,
        "The file is gone",
        "The host of the file does not have it any more, or its address has expired. Ask the contact to send it again. To keep files, get them soon after the message arrives.",
        cause);

    /// <param name="largest">In bytes.</param>
    public static Problem MediaTooLarge(long largest) => new(
        ProblemCodes.MediaTooLarge,
        413,
        "The file is too large",
        string.Create(CultureInfo.InvariantCulture, $"At most {largest / 1024 / 1024} MiB can be returned here. Open 'mediaUrl' of the message instead."),
        "the file is over the limit");

    /// <param name="reason">A sentence that says where the file is.</param>
    public static Problem MediaHostNotAllowed(string reason, string cause) => new(
        ProblemCodes.MediaHostNotAllowed, 424, "The file is not where files may be fetched from", reason, cause);

    public static Problem MediaTypeMismatch() => new(
        ProblemCodes.MediaTypeMismatch,
        424,
        "The file is not what the message says",
        "The first bytes of the file do not fit the type that the message names, so it is not passed on. Trying again does not help. If you expect such a file, open 'mediaUrl' of the message with care.",
        "the first bytes of the file do not fit its declared type");

    public static Problem MediaUnavailable(string cause) => new(
        ProblemCodes.MediaUnavailable,
        502,
        "The host of the file is failing",
        "The host cannot be reached, or did not send the file. Try again in a minute. If the problem persists, ask the operator to search the log for the trace id.",
        cause);

    public static Problem MediaTimeout() => new(
        ProblemCodes.MediaTimeout, 504, "The host of the file did not answer in time", "Try again in a minute.", "no beginning of the file within 15 s");

    public static Problem InvalidSettings() => new(
        ProblemCodes.InvalidSettings,
        503,
        "The settings of this app are wrong",
        "Ask the operator to open /api/health: it lists the settings that are wrong and what each must be.",
        "the worker started with wrong settings",
        RateLimitWindow);

    public static Problem InternalError() => new(
        ProblemCodes.InternalError,
        500,
        "Something went wrong in this app",
        "Try again. If the problem persists, give the trace id to the operator, who can find the reason in the log.",
        "an unexpected exception reached the handler's boundary");

    /// <summary>A caller's own text, short enough and plain enough to be said back.</summary>
    private static string Quote(string text) => $"'{Plain(text)}'";

    /// <summary>The same without quotation marks.</summary>
    public static string Plain(string text) =>
        new([.. text.Take(60).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '[' or ']' ? c : '?')]);
}
