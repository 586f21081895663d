using Azure;
using Azure.Data.Tables;
using Licensing.Assignments;
using Licensing.Licenses;
using Licensing.Storage;
using Licensing.Tests.Schedules;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.Options;
using Moq;
using Xunit;

namespace Licensing.Tests;

/// <summary>A million rows from a storage that generates them on reading; filling a real one would take hours.</summary>
[Collection(AloneInProcess.Name)]
public sealed class VerifierMemoryTests
{
    private static readonly LicenseRow License =
        new("p", 1, "Course", Seats: null, Active: true, Starts: null, Expires: null, RedirectTo: null, SeatsUsed: 0, Allotments: 0, Version: 1);

    [Fact]
    public async Task Verifying_a_million_rows_takes_no_more_memory_than_a_hundred_thousand()
    {
        (long tenth, VerificationReport _) = await VerifyAsync(assignments: 25_000);

        (long all, VerificationReport report) = await VerifyAsync(assignments: 250_000);

        Assert.Empty(report.Violations);
        Assert.Equal((250_000, 250_000, 250_000), (report.Users, report.Assignments, report.Changes));
        Assert.InRange(all / (double)tenth, 0, 1.1);
    }

    /// <summary>The maximum memory in use during verification; each assignment is four rows.</summary>
    private static async Task<(long Peak, VerificationReport Report)> VerifyAsync(int assignments)
    {
        Mock<TableClient> table = new();
        table.Setup(client => client.QueryAsync<TableEntity>(It.IsAny<string>(), null, null, It.IsAny<CancellationToken>()))
            .Returns((string filter, int? _, IEnumerable<string> _, CancellationToken _) => AsyncPageable<TableEntity>.FromPages(Pages(filter, assignments)));
        table.Setup(client => client.GetEntityIfExistsAsync<TableEntity>(It.IsAny<string>(), It.IsAny<string>(), null, It.IsAny<CancellationToken>()))
            .ReturnsAsync(Response.FromValue(new TableEntity { [IdSequence.Next] = assignments + 1L }, Mock.Of<Response>()));
        Mock<TableServiceClient> service = new();
        service.Setup(client => client.GetTableClient(It.IsAny<string>())).Returns(table.Object);
        Tables tables = new(service.Object, Options.Create(new TablesOptions()));
        UserStore users = Stores.Users(tables, new IdSequence(tables), TimeProvider.System);
        LicenseStore licenses = new(tables, new IdSequence(tables), TimeProvider.System, new Administrator("admin"));
        Peak peak = new();
        VerificationReport report = await new Verifier(tables, licenses, new AssignmentStore(tables), users, TimeProvider.System)
            .VerifyAsync("p", repair: false, peak, TestContext.Current.CancellationToken);
        return (peak.Bytes, report);
    }

    private static IEnumerable<Page<TableEntity>> Pages(string filter, int assignments)
    {
        IEnumerable<long> ids = Enumerable.Range(1, assignments).Select(id => (long)id);
        IEnumerable<TableEntity> rows = filter switch
        {
            _ when filter.Contains("ge 'license-'", StringComparison.Ordinal) => [LicenseRow(assignments)],
            _ when filter.Contains("ge 'user-'", StringComparison.Ordinal) => ids.Select(id => UserRows.ToEntity(UserOf(id))),
            _ when filter.Contains("ge 'assignment-'", StringComparison.Ordinal) => ids.Select(id => AssignmentRows.ToEntity(AssignmentOf(id))),
            _ when filter.Contains("ge 'history-'", StringComparison.Ordinal) => ids.Select(id => AssignmentRows.ToEntity(CreationOf(id))),
            _ => ids.Select(id => UserDirectory.ToEntity(UserOf(id), UserOf(id).Email!)),
        };
        return rows.Chunk(1_000).Select(page => Page<TableEntity>.FromValues(page, continuationToken: null, Mock.Of<Response>()));
    }

    private static TableEntity LicenseRow(int seatsUsed)
    {
        TableEntity row = LicenseRows.SeatsEntity(License with { SeatsUsed = seatsUsed, Version = 2 });
        row["Name"] = License.Name;
        return row;
    }

    private static User UserOf(long id) =>
        new("p", id, $"user{id}", EmailAddress.TryParse($"user{id}@example.com", out EmailAddress? email) ? email : null);

    private static Assignment AssignmentOf(long id) => new("p", id, id, License.Id, new AssignmentState(true, false, "{}"), Version: 1);

    private static AssignmentChange CreationOf(long id) => new(
        "p", id, 1, id, License.Id, Before: null, AssignmentOf(id).State, new CounterVersion(Allotment: null, 2), DateTimeOffset.UnixEpoch, "key", Guid.Empty);

    private sealed class Peak : IProgress<VerificationProgress>
    {
        private int _reports;

        public long Bytes { get; private set; }

        public void Report(VerificationProgress value)
        {
            if (_reports++ % 20 == 0)
            {
                Bytes = Math.Max(Bytes, GC.GetTotalMemory(forceFullCollection: true));
            }
        }
    }
}
