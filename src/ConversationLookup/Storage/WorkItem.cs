namespace ConversationLookup.Storage;

/// <summary>What a handler is given to do.</summary>
/// <param name="content">What the message says.</param>
/// <param name="tries">How often it was tried without success.</param>
/// <param name="messageId">The queue's id of the message, which is another one for each copy.</param>
/// <param name="dequeueCount">How often the queue has given it out.</param>
/// <param name="predecessors">The handlings that this one takes the place of.</param>
public sealed class WorkItem<T>(T content, int tries, string messageId, long dequeueCount, IReadOnlyList<string> predecessors)
{
    /// <summary>What the message says.</summary>
    public T Content { get; private set; } = content;

    /// <summary>Whether it is another content that is put back, should the message have to wait.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>How often it was tried without success.</summary>
    public int Tries => tries;

    /// <summary>The queue's id of the message, which is another one for each copy.</summary>
    public string MessageId => messageId;

    /// <summary>This handling of this message: one that was cut off comes back as another handling of the same message.</summary>
    public string Handling { get; } = $"{messageId}:{dequeueCount}";

    /// <summary>
    /// The handlings that this one takes the place of, and its copy after it. They are over: a copy is the last thing that a handling makes.
    /// </summary>
    public IReadOnlyList<string> Predecessors { get; set; } = predecessors;

    /// <summary>Remembers something for the next time, should the message have to wait.</summary>
    public void Change(T content) => (Content, IsChanged) = (content, true);
}
