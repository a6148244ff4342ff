namespace ConversationLookup.Mutations;

/// <summary>One deliberate fault.</summary>
/// <param name="Id">From 1.</param>
/// <param name="File">Relative to the repository.</param>
/// <param name="Line">Where it is in the file as it was.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Code">What it is done to, on one line.</param>
internal sealed record Mutant(int Id, string File, int Line, string Kind, string Code);

/// <summary>What became of a mutant.</summary>
internal enum Fate
{
    /// <summary>A test failed.</summary>
    Noticed,

    /// <summary>The tests did not come to their end.</summary>
    TimedOut,

    /// <summary>No test failed.</summary>
    Unnoticed,

    /// <summary>No test came there.</summary>
    NotReached,
}

/// <summary>A mutant that was judged.</summary>
internal sealed record Verdict(Mutant Mutant, Fate Fate);
