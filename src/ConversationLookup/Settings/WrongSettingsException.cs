namespace ConversationLookup.Settings;

/// <summary>The app cannot run with these settings.</summary>
/// <param name="faults">Each fault as a sentence that begins with the setting.</param>
public sealed class WrongSettingsException(IReadOnlyList<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    public IReadOnlyList<string> Faults => faults;
}
