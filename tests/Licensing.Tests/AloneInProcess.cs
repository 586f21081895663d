using Xunit;

namespace Licensing.Tests;

/// <summary>Tests that measure the process's memory, which they must have to themselves.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneInProcess
{
    public const string Name = "alone in process";
}
