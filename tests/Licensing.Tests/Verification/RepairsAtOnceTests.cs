using Azure.Data.Tables;
using Licensing.Storage;
using Xunit;
using static Licensing.Tests.Verification.StoredPlatform;

namespace Licensing.Tests.Verification;

/// <summary>Two repairs of the same platform at once, and a repair while requests are served.</summary>
public sealed class RepairsAtOnceTests
{
    /// <summary>Different on every platform.</summary>
    private static readonly string[] OfOneRun = ["odata.etag", "Timestamp", "WriteId", "At"];

    /// <summary>Of each kind of damage that a repair undoes, how it is done to a platform with three assignments and an allotment.</summary>
    private static readonly Dictionary<string, Func<StoredPlatform, Task>> Damages = new()
    {
        ["seats used"] = platform => platform.EditAsync(TableKey.License(1), "SeatsUsed", 9L),
        ["allotments"] = platform => platform.EditAsync(TableKey.License(1), "Allotments", 4L),
        ["seats used and allotments"] = async platform =>
        {
            await platform.EditAsync(TableKey.License(1), "SeatsUsed", 0L);
            await platform.EditAsync(TableKey.License(1), "Allotments", 0L);
        },
        ["an assignment is lost"] = platform => platform.DeleteAsync(TableKey.Assignment(1, 1)),
        ["an assignment is changed"] = platform => platform.EditAsync(TableKey.Assignment(1, 1), "Fulfilled", true),
        ["an assignment stands otherwise by its id"] = platform => platform.EditAsync(TableKey.FirstChange(1), "Active", false),
        ["the sequence is behind"] = platform => platform.EditAsync(TableKey.Sequence(IdKind.Assignment), IdSequence.Next, 1L),
        ["the sequence is lost"] = platform => platform.DeleteAsync(TableKey.Sequence(IdKind.Assignment)),
        ["a user is lost"] = platform => platform.DeleteAsync(TableKey.User(1)),
        ["an address is lost"] = platform => platform.DeleteInDirectoryAsync(AddressOf(1)),
        ["an address names another user"] = async platform =>
        {
            await platform.AddUserAsync(4, email: null);
            await platform.EditInDirectoryAsync(AddressOf(1), "UserId", 4L);
        },
        ["an address is entering"] = platform => platform.EditInDirectoryAsync(AddressOf(1), "State", "Entering"),
        ["an address is leaving"] = platform => platform.EditInDirectoryAsync(AddressOf(1), "State", "Leaving"),
        ["an address is misplaced"] = MisplaceAsync,
        ["an address is misplaced and its user lost"] = async platform =>
        {
            await MisplaceAsync(platform);
            await platform.DeleteAsync(TableKey.User(1));
        },
    };

    public static TheoryData<string> AllDamages => [.. Damages.Keys];

    [Theory]
    [MemberData(nameof(AllDamages))]
    public async Task Concurrent_repairs_have_the_result_of_one(string damage)
    {
        using StoredPlatform alone = await DamagedAsync(damage);
        int before = alone.Calls;
        await alone.VerifyAsync(repair: true);
        int calls = alone.Calls - before;
        IReadOnlyList<string> expected = await RowsAsync(alone);
        await alone.FindsAsync();

        for (int call = 1; call <= calls; call++)
        {
            using StoredPlatform platform = await DamagedAsync(damage);
            IReadOnlyList<string> second = [];
            platform.Before("", async () => second = (await platform.VerifyAsync(repair: true)).Repairs, nth: call);

            IReadOnlyList<string> first = (await platform.VerifyAsync(repair: true)).Repairs;

            Assert.Equal(expected, await RowsAsync(platform));
            Assert.NotEmpty(second.Concat(first));
            await platform.FindsAsync();
        }
    }

    [Theory]
    [MemberData(nameof(AllDamages))]
    public async Task A_repair_during_creates_leaves_a_clean_platform(string damage)
    {
        using StoredPlatform alone = await DamagedAsync(damage);
        int before = alone.Calls;
        await alone.VerifyAsync(repair: true);
        int calls = alone.Calls - before;

        for (int call = 1; call <= calls; call++)
        {
            using StoredPlatform platform = await DamagedAsync(damage);
            async Task ServeAsync()
            {
                await platform.ChangeAsync(id: 4, user: 2, Active, license: 2);
                await platform.ChangeAsync(id: 2, user: 2, Inactive);
            }

            platform.Before("", ServeAsync, nth: call);

            await platform.VerifyAsync(repair: true);

            await platform.FindsAsync();
        }
    }

    private static async Task<StoredPlatform> DamagedAsync(string damage)
    {
        StoredPlatform platform = await StartAsync();
        await platform.AddLicenseAsync(2);
        string allotment = await platform.TakeAllotmentAsync(free: 5);
        await platform.ChangeAsync(id: 1, user: 1, Active);
        await platform.ChangeAsync(id: 2, user: 2, Active);
        await platform.ChangeAsync(id: 3, user: 3, Active, allotment: allotment);
        await Damages[damage](platform);
        return platform;
    }

    private static async Task MisplaceAsync(StoredPlatform platform)
    {
        TableEntity row = (await platform.FindInDirectoryAsync(AddressOf(1)))!;
        await platform.DeleteInDirectoryAsync(AddressOf(1));
        row.PartitionKey = new string('0', 64);
        await platform.PutInDirectoryAsync(row);
    }

    private static async Task<IReadOnlyList<string>> RowsAsync(StoredPlatform platform) =>
        [.. (await platform.RowsAsync()).Select(row => string.Join(
            ' ', row.Where(property => !OfOneRun.Contains(property.Key)).OrderBy(property => property.Key, StringComparer.Ordinal)))];
}
