using Xunit;

namespace Licensing.Tests;

/// <summary>Tests that measure the memory of the process and therefore run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneInProcess
{
    public const string Name = "alone in process";
}
