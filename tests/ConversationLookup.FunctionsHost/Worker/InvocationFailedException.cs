namespace ConversationLookup.FunctionsHost.Worker;

/// <summary>A function did not succeed: it threw, it was cancelled, or its worker ended.</summary>
public sealed class InvocationFailedException(string message) : Exception(message);
