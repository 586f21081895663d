using Licensing.Storage;
using Licensing.Verification;
using Xunit;
using static Licensing.Tests.Verification.StoredPlatform;

namespace Licensing.Tests.Verification;

public sealed class VerifierTests
{
    [Fact]
    public async Task A_report_counts_the_verified_rows()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.AddLicenseAsync(2);
        await platform.AddUserAsync(4, email: null);
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 2, user: 2, Active, license: 2);
        await platform.ChangeAsync(id: 2, user: 2, Inactive, license: 2);
        await platform.ChangeAsync(id: 3, user: 2, Active);
        await platform.ChangeAsync(id: 3, user: 2, after: null);
        await platform.ChangeAsync(id: 4, user: 4, Active);

        VerificationReport report = await platform.VerifyAsync();

        Assert.Equal((Key, 2, 4, 3, 2, 6), (report.Platform, report.Licenses, report.Users, report.Assignments, report.ActiveAssignments, report.Changes));
        Assert.Empty(report.Violations);
        Assert.Empty(report.Repairs);
    }

    [Fact]
    public async Task Verification_without_repair_writes_nothing()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.EditAsync(TableKey.License(1), "SeatsUsed", 4L);
        Violation wrong = new(Key, "seats_used_wrong", "License 1 counts 4 seats used; its history adds up to 1.", LicenseId: 1);

        await platform.FindsAsync(wrong);
        await platform.FindsAsync(wrong);
    }

    [Fact]
    public async Task A_clean_platform_is_read_in_pages_without_single_row_reads()
    {
        using StoredPlatform platform = await StartAsync();
        await platform.ChangeAsync(id: 1, user: 1, Active);
        int one = await CallsAsync(platform);
        await platform.AddLicenseAsync(2);
        await platform.ChangeAsync(id: 2, user: 2, Active);
        await platform.ChangeAsync(id: 3, user: 3, Active, license: 2);

        int three = await CallsAsync(platform);

        // One call each: licenses, history, users, assignments, sequence, directory.
        Assert.Equal((6, 6), (one, three));
    }

    [Fact]
    public async Task Progress_is_reported_every_thousand_rows()
    {
        using StoredPlatform platform = new();
        // All users but the 501st have an assignment, so that both kinds have a thousandth row.
        long[] users = [.. Enumerable.Range(1, 1_001).Select(id => (long)id)];
        long[] assigned = [.. users.Where(id => id != 501)];
        platform.Fill(licenses: 1_000, users, assigned);
        await platform.EditAsync(TableKey.Assignment(1, 1), "Fulfilled", true);
        await platform.EditInDirectoryAsync(AddressOf(1), "Username", "old");
        RecordedProgress recorded = new();

        await platform.VerifyAsync(progress: recorded);

        string[] reads =
        [
            "licenses", "history", "users", "assignments", "assignments that may differ", "history that may differ", "directory",
            "users that may differ", "directory",
        ];
        Assert.Equal(reads.Select((reading, index) => new VerificationProgress(Key, reading, (index + 1) * 1_000)), recorded.All);
    }

    private static async Task<int> CallsAsync(StoredPlatform platform)
    {
        int before = platform.Calls;
        await platform.FindsAsync();
        return platform.Calls - before;
    }

    private sealed class RecordedProgress : IProgress<VerificationProgress>
    {
        public List<VerificationProgress> All { get; } = [];

        public void Report(VerificationProgress value) => All.Add(value);
    }
}
