namespace ConversationLookup.Problems;

/// <summary>Every problem code once: stable names in snake_case that flows branch on. <c>docs/reference.md</c> says when each is answered.</summary>
public static class ProblemCodes
{
    public const string InvalidConversationId = "invalid_conversation_id";
    public const string UnknownField = "unknown_field";
    public const string InvalidBody = "invalid_body";
    public const string InvalidParameter = "invalid_parameter";
    public const string CallbackNotAllowed = "callback_not_allowed";
    public const string Unauthorized = "unauthorized";
    public const string OriginNotAllowed = "origin_not_allowed";
    public const string InvalidSignature = "invalid_signature";
    public const string SignatureUnknown = "signature_unknown";
    public const string PayloadTooLarge = "payload_too_large";
    public const string Overloaded = "overloaded";
    public const string RouteNotFound = "route_not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string InvalidRequest = "invalid_request";
    public const string ConversationNotFound = "conversation_not_found";
    public const string UpstreamRejectedCredentials = "upstream_rejected_credentials";
    public const string UpstreamRejectedRequest = "upstream_rejected_request";
    public const string UpstreamRateLimited = "upstream_rate_limited";
    public const string UpstreamInvalidResponse = "upstream_invalid_response";
    public const string UpstreamUnavailable = "upstream_unavailable";
    public const string UpstreamTimeout = "upstream_timeout";
    public const string CircuitOpen = "circuit_open";
    public const string SecretUnavailable = "secret_unavailable";
    public const string StorageUnavailable = "storage_unavailable";
    public const string ActionNotAllowed = "action_not_allowed";
    public const string ReplyWindowClosed = "reply_window_closed";
    public const string OutcomeUnknown = "outcome_unknown";
    public const string IdempotencyMismatch = "idempotency_mismatch";
    public const string ActionInProgress = "action_in_progress";
    public const string TemplateNotFound = "template_not_found";
    public const string MessageNotFound = "message_not_found";
    public const string MediaNotFound = "media_not_found";
    public const string MediaGone = "media_gone";
    public const string MediaTooLarge = "media_too_large";
    public const string MediaHostNotAllowed = "media_host_not_allowed";
    public const string MediaTypeMismatch = "media_type_mismatch";
    public const string MediaUnavailable = "media_unavailable";
    public const string MediaTimeout = "media_timeout";
    public const string InvalidSettings = "invalid_settings";
    public const string InternalError = "internal_error";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        InvalidConversationId, UnknownField, InvalidBody, InvalidParameter, CallbackNotAllowed, Unauthorized, OriginNotAllowed, InvalidSignature,
        SignatureUnknown, PayloadTooLarge, Overloaded, RouteNotFound, MethodNotAllowed, InvalidRequest, ConversationNotFound,
        UpstreamRejectedCredentials, UpstreamRejectedRequest, UpstreamRateLimited, UpstreamInvalidResponse, UpstreamUnavailable,
        UpstreamTimeout, CircuitOpen, SecretUnavailable, StorageUnavailable,
        ActionNotAllowed, ReplyWindowClosed, OutcomeUnknown, IdempotencyMismatch, ActionInProgress, TemplateNotFound,
        MessageNotFound, MediaNotFound, MediaGone, MediaTooLarge, MediaHostNotAllowed, MediaTypeMismatch, MediaUnavailable, MediaTimeout,
        InvalidSettings, InternalError,
    ];
}
