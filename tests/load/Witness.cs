using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ConversationLookup.Load;

/// <summary>
/// Somebody who uses the app as it is meant, in a process of its own: a lookup every 20 ms, an honest webhook every half second. Beside each
/// lookup it asks the upstream itself, which does nothing and is not crowded: what that takes is the machine's own noise.
/// </summary>
internal sealed class Witness : IDisposable
{
    private readonly Process _process;

    private Witness(Process process) => _process = process;

    public static Witness Start(Uri url, Uri upstream, string secret, int seconds) => new(Process.Start(
        new ProcessStartInfo("dotnet", [Comparison.Own, "witness", $"{url}", $"{upstream}", secret, seconds.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!);

    public async Task<string> ReportAsync() => (await _process.StandardOutput.ReadToEndAsync()).Trim();

    public static async Task<int> RunAsync(string url, string upstream, string secret, int seconds)
    {
        using var http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(10) };
        var until = Stopwatch.GetTimestamp() + seconds * Stopwatch.Frequency;
        using var noise = new HttpClient { BaseAddress = new Uri(upstream), Timeout = TimeSpan.FromSeconds(10) };
        await GetAsync(http); // connects
        await GetAsync(noise);
        var webhooks = SendWebhooksAsync(http, secret, until);
        var (took, ofNoise, failed) = (new List<double>(), new List<double>(), 0);
        while (Stopwatch.GetTimestamp() < until)
        {
            if (!await MeasureAsync(http, took))
                failed++;
            await MeasureAsync(noise, ofNoise);
            await Task.Delay(20);
        }

        var answers = await webhooks;
        Console.WriteLine($"{took.Count} lookups, {failed} failed; {Describe(took)}; the machine's noise: {Describe(ofNoise)}; honest webhooks: {answers}");
        return 0;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static string Describe(List<double> took)
    {
        took.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"p50 {took[took.Count / 2]:F1} ms, p99 {took[took.Count * 99 / 100]:F1} ms, slowest {took[^1]:F1} ms, {100.0 * took.Count(one => one < 50) / took.Count:F1}% under 50 ms");
    }

    private static async Task<bool> MeasureAsync(HttpClient http, List<double> took)
    {
        var started = Stopwatch.GetTimestamp();
        var isGood = await GetAsync(http);
        took.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return isGood;
    }

    private static async Task<bool> GetAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync($"/api/conversations/{Guid.NewGuid()}");
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<string> SendWebhooksAsync(HttpClient http, string secret, long until)
    {
        var answers = new SortedDictionary<string, int>();
        while (Stopwatch.GetTimestamp() < until)
        {
            var answer = await SendWebhookAsync(http, secret);
            answers[answer] = answers.GetValueOrDefault(answer) + 1;
            await Task.Delay(500);
        }

        return string.Join(", ", answers.Select(answer => $"{answer.Key} {answer.Value} times"));
    }

    private static async Task<string> SendWebhookAsync(HttpClient http, string secret)
    {
        var body = """{"event":"test.ping"}""";
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{timestamp}.{body}")));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/webhooks/wassist") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Wassist-Signature", $"t={timestamp},v1={signature}");
        try
        {
            using var response = await http.SendAsync(request);
            return $"{(int)response.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return exception.GetType().Name;
        }
    }
}
