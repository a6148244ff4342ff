using BenchmarkDotNet.Running;
using ConversationLookup.Benchmarks;

// Without arguments: what a caller sees, over HTTP. With arguments, such as --filter '*': BenchmarkDotNet on the parts.
if (args.Length == 0)
    await HttpCost.MeasureAsync();
else
    BenchmarkSwitcher.FromAssembly(typeof(HttpCost).Assembly).Run(args);
