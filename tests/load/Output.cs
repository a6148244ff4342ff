using System.Globalization;

namespace ConversationLookup.Load;

/// <summary>What the programs print, in which a number looks the same on every machine.</summary>
internal static class Output
{
    public static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
