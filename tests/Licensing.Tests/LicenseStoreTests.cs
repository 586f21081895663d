using Azure;
using Azure.Data.Tables;
using Licensing.Licenses;
using Licensing.Storage;
using Microsoft.Extensions.Options;
using Xunit;

namespace Licensing.Tests;

[Trait("Speed", "Fast")]
public sealed class LicenseStoreTests
{
    private static readonly LicenseRow License =
        new("acme", 1, "Algebra", Seats: 30, Active: true, Starts: null, Expires: null, RedirectTo: null, SeatsUsed: 0, Allotments: 0, Version: 1);

    [Fact]
    public async Task A_cached_license_allocates_only_a_task()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Tables tables = new(new TableServiceClient("UseDevelopmentStorage=true"), Options.Create(new TablesOptions()));
        LicenseStore licenses = new(tables, new IdSequence(tables), TimeProvider.System, new Administrator("admin"));
        long now = TimeProvider.System.GetTimestamp();
        licenses.Remember("acme", 1, new LicenseSnapshot(License, new ETag("1"), [], IsWhole: true, now, now, now));
        Assert.Same(License, await licenses.GetAsync("acme", 1, cancellationToken));

        long aTask = AllocatedBy(() => Task.FromResult<LicenseRow?>(License));

        Assert.Equal(aTask, AllocatedBy(() => licenses.GetAsync("acme", 1, cancellationToken)));
    }

    private static long AllocatedBy(Func<Task<LicenseRow?>> get)
    {
        _ = get();
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = get();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
