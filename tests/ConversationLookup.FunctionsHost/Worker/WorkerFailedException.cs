namespace ConversationLookup.FunctionsHost.Worker;

/// <summary>A worker did not start.</summary>
internal sealed class WorkerFailedException(string message) : Exception(message);
