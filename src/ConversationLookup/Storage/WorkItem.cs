namespace ConversationLookup.Storage;

/// <summary>What a handler is given to do.</summary>
/// <param name="content">What the message says.</param>
/// <param name="tries">How often it was tried without success.</param>
/// <param name="messageId">The queue's id of the message, which is another one for each copy.</param>
/// <param name="copyOf">The id of the message that this one was put back for, or null.</param>
public sealed class WorkItem<T>(T content, int tries, string messageId, string? copyOf)
{
    /// <summary>What the message says.</summary>
    public T Content { get; private set; } = content;

    /// <summary>Whether it is another content that is put back, should the message have to wait.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>How often it was tried without success.</summary>
    public int Tries => tries;

    /// <summary>The queue's id of the message, which is another one for each copy.</summary>
    public string MessageId => messageId;

    /// <summary>The id of the message that this one was put back for, or null.</summary>
    public string? CopyOf => copyOf;

    /// <summary>Remembers something for the next time, should the message have to wait.</summary>
    public void Change(T content) => (Content, IsChanged) = (content, true);
}
