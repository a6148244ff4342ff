using ConversationLookup.Delivery;
using ConversationLookup.Wassist;
using Microsoft.Extensions.Options;

namespace ConversationLookup.Load.Simulation;

/// <summary>
/// One deployment for some minutes, event by event: instances that poll and are added, requests to storage and their limits, the calls
/// to Wassist. No clock and no socket: it is as fast as the machine. Events of the first minutes, in which instances are added and the line
/// for Wassist grows, are not counted; nor are those of the last two, whose turn may come after the end.
/// </summary>
internal sealed class Deployment
{
    private const int Batch = 16;
    private const int MostBefore = 32;
    private const double AccountLimit = 20_000;
    private const double QueueLimit = 2_000;

    /// <summary>Seconds between two looks at how long a queue is, and how many instances are added then at most.</summary>
    private const double ScaleEvery = 5;
    private const int ScaleBy = 4;

    /// <summary>Seconds until a new instance takes messages, and until one without work goes.</summary>
    private const double Start = 2;
    private const double Idle = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly PriorityQueue<Action, double> _agenda = new();
    private readonly SimulationOptions _options;
    private readonly double _perSecond;
    private readonly double _countedFrom;
    private readonly double _countedUntil;
    private readonly double _until;
    private readonly Random _random;
    private readonly Stage _events;
    private readonly Stage _notifications;
    private readonly List<Instance> _http = [];
    private readonly OwnBudget _budget;
    private readonly Clock _time;
    private double _now;
    private double _accountFree;
    private long _second;
    private int _inSecond;

    public Deployment(SimulationOptions options, double perSecond)
    {
        (_options, _perSecond, _random) = (options, perSecond, new Random(options.Seed));
        (_countedFrom, _countedUntil) = (options.Minutes * 60, 2 * options.Minutes * 60);
        _until = _countedUntil + Patience.TotalSeconds + 10;
        _events = new Stage(FanOut);
        _notifications = new Stage(Deliver);
        _time = new Clock(this);
        _budget = new OwnBudget(Options.Create(new WassistOptions { RequestsPerMinute = options.Budget * 10 / 6, InteractivePercent = 40 }), _time);
        var forHttp = Math.Min(options.Instances / 2, Math.Ceiling(2 * perSecond * options.ProcessorMs / 1000) + 1);
        for (var instance = 0; instance < forHttp; instance++)
            _http.Add(new Instance());
    }

    public List<double> Seconds { get; } = [];

    public int Came { get; private set; }

    public int Found { get; private set; }

    public int Unavailable { get; private set; }

    public long Requests { get; private set; }

    public int MostRequestsASecond { get; private set; }

    public int MostInstances { get; private set; }

    public long WaitingAtTheEnd => _events.Length + _notifications.Length;

    /// <summary>What on-demand instances are billed for, in seconds.</summary>
    public double BilledSeconds => _http.Concat(_events.All).Concat(_notifications.All).Sum(instance => instance.Billed);

    public Deployment Run()
    {
        At(Exponential(1 / _perSecond), Arrive);
        At(0, Scale);
        while (_agenda.TryDequeue(out var next, out _now) && _now < _until)
            next();
        _now = _until;
        foreach (var instance in _http.Concat(_events.All).Concat(_notifications.All))
            instance.Close(_now);
        return this;
    }

    private void Arrive()
    {
        At(Exponential(1 / _perSecond), Arrive);
        Came++;
        var instance = _http[Came % _http.Count];
        instance.Begin(_now);
        var took = Processor(instance) + Storage(1);
        At(took, () => instance.End(_now));
        Put(_events, new Message(_now, 0), took);
    }

    private double FanOut(Instance instance, Message message)
    {
        var took = Processor(instance) + Storage(2);
        var age = TimeSpan.FromSeconds(_now - message.CameAt);
        if (MayCall(message, out var wait))
        {
            Found += IsCounted(message) ? 1 : 0;
            took += Exponential(_options.WassistMs / 1000);
        }
        else if (LookupWait.Next(message.Tries, age, Patience, TimeSpan.FromSeconds(wait), null, _random.NextDouble()) is { } again)
        {
            Put(_events, message with { Tries = message.Tries + 1 }, took + Storage(1) + again.TotalSeconds);
            return took + Storage(1);
        }
        else
        {
            Unavailable += IsCounted(message) ? 1 : 0;
        }

        var longest = 0.0;
        for (var flow = 0; flow < _options.Flows; flow++)
        {
            var sent = Storage(1);
            longest = Math.Max(longest, sent);
            Put(_notifications, new Message(message.CameAt, 0), took + sent);
        }

        return took + longest + Storage(1);
    }

    private double Deliver(Instance instance, Message message)
    {
        var before = Processor(instance) + Storage(2);
        if (IsCounted(message))
            Seconds.Add(_now + before - message.CameAt);
        return before + Exponential(_options.FlowMs / 1000) + Storage(2);
    }

    private void Put(Stage stage, Message message, double delay)
    {
        // Beyond its limit a queue answers 503 and is asked again: the messages come as fast as it takes them.
        var at = Math.Max(_now + delay, stage.Free);
        stage.Free = Math.Max(_now, stage.Free) + (1 / (QueueLimit * _options.Accounts));
        stage.Length++;
        At(at - _now, () => stage.Visible.Enqueue(message));
    }

    private void Poll(Stage stage, Instance instance)
    {
        instance.IsPolling = false;
        Storage(1);
        var taken = 0;
        for (; taken < Batch && stage.Visible.TryDequeue(out var message); taken++)
        {
            instance.Begin(_now);
            At(stage.Handle(instance, message), () =>
            {
                stage.Length--;
                instance.End(_now);
                if (!instance.IsPolling && instance.UnderWay <= MostBefore)
                    PollAfter(stage, instance, 0);
            });
        }

        if (taken > 0)
            (instance.Pause, instance.LastWork) = (0.1, _now);
        else if (instance.UnderWay == 0 && _now - instance.LastWork > Idle)
            stage.Running.Remove(instance);
        if (stage.Running.Contains(instance) && instance.UnderWay <= MostBefore)
            PollAfter(stage, instance, taken > 0 ? _options.StorageMs / 1000 : instance.Pause = Math.Min(1, instance.Pause * 2));
    }

    private void PollAfter(Stage stage, Instance instance, double delay)
    {
        instance.IsPolling = true;
        At(delay, () => Poll(stage, instance));
    }

    private void Scale()
    {
        At(ScaleEvery, Scale);
        foreach (var stage in (Stage[])[_events, _notifications])
        {
            var wanted = (int)Math.Ceiling((stage.Visible.Count + stage.Running.Sum(instance => instance.UnderWay)) / (double)Batch);
            var others = _http.Count + _events.Running.Count + _notifications.Running.Count;
            for (var add = 0; add < ScaleBy && stage.Running.Count < wanted && others < _options.Instances; add++, others++)
            {
                var instance = new Instance { LastWork = _now + Start };
                stage.Running.Add(instance);
                stage.All.Add(instance);
                PollAfter(stage, instance, Start);
            }
        }

        MostInstances = Math.Max(MostInstances, _http.Count + _events.Running.Count + _notifications.Running.Count);
    }

    /// <summary>Asks the app's own budget, as if one instance had all events.</summary>
    private bool MayCall(Message message, out double wait)
    {
        var permit = _budget.Take(new WassistCall("", $"{message.CameAt}", _time.GetUtcNow() + Patience - TimeSpan.FromSeconds(_now - message.CameAt)));
        wait = permit.Wait.TotalSeconds;
        return permit.IsGranted;
    }

    /// <summary>How long so many requests take one after another.</summary>
    private double Storage(int requests)
    {
        Requests += requests;
        if ((long)_now != _second)
            (_second, _inSecond) = ((long)_now, 0);
        _inSecond += requests;
        if (_now > _countedFrom)
            MostRequestsASecond = Math.Max(MostRequestsASecond, _inSecond);
        _accountFree = Math.Max(_now, _accountFree) + (requests / (AccountLimit * _options.Accounts));
        var seconds = _accountFree - _now;
        for (var request = 0; request < requests; request++)
            seconds += Exponential(_options.StorageMs / 1000);
        return seconds;
    }

    /// <summary>An instance has one processor, and what runs on it waits for it.</summary>
    private double Processor(Instance instance)
    {
        instance.ProcessorFree = Math.Max(_now, instance.ProcessorFree) + (_options.ProcessorMs / 1000);
        return instance.ProcessorFree - _now;
    }

    private double Exponential(double mean) => -mean * Math.Log(1 - _random.NextDouble());

    private bool IsCounted(Message message) => message.CameAt > _countedFrom && message.CameAt <= _countedUntil;

    private void At(double delay, Action what) => _agenda.Enqueue(what, _now + delay);

    private sealed record Message(double CameAt, int Tries);

    private sealed class Stage(Func<Instance, Message, double> handle)
    {
        public Func<Instance, Message, double> Handle => handle;

        public Queue<Message> Visible { get; } = [];

        public List<Instance> Running { get; } = [];

        public List<Instance> All { get; } = [];

        public long Length { get; set; }

        /// <summary>When the queue takes the next message.</summary>
        public double Free { get; set; }
    }

    /// <summary>Billed while something runs on it: a second at least from the moment it began, then by tenths.</summary>
    private sealed class Instance
    {
        private double _from;
        private double _until;

        public int UnderWay { get; private set; }

        public double Billed { get; private set; }

        public double ProcessorFree { get; set; }

        public double LastWork { get; set; }

        public double Pause { get; set; } = 0.1;

        public bool IsPolling { get; set; }

        public void Begin(double now)
        {
            if (UnderWay++ > 0 || now < _until)
                return;
            Billed += _until - _from;
            _from = now;
        }

        public void End(double now)
        {
            if (--UnderWay == 0)
                _until = Math.Max(_until, _from + Math.Max(1, Math.Ceiling(10 * (now - _from)) / 10));
        }

        public void Close(double now) => Billed += (UnderWay > 0 ? now : _until) - _from;
    }

    private sealed class Clock(Deployment deployment) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddDays(1).AddSeconds(deployment._now);
    }
}
