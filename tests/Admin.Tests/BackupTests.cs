using System.Globalization;
using System.Runtime.Versioning;
using Azure;
using Azure.Data.Tables;
using CsCheck;
using Licensing.ApiKeys;
using Licensing.Assignments;
using Licensing.Backups;
using Licensing.Platforms;
using Licensing.Storage;
using TestSupport;
using Xunit;

namespace Admin.Tests;

public sealed class BackupTests(AzuriteFixture azurite) : IDisposable
{
    private readonly Provisioning _there = new(azurite);
    private readonly Provisioning _elsewhere = new(azurite);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("backup-tests-");

    private string Folder => Path.Combine(_directory.FullName, "monday");

    public void Dispose()
    {
        _there.Dispose();
        _elsewhere.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Restore_reproduces_every_property_of_every_row()
    {
        await ProvisionAsync();

        string wrote = await _there.DoneAsync("backup", Folder);
        string restored = await _elsewhere.DoneAsync("restore", Folder, "--json");

        string[] rows = await RowsAsync(_there);
        Assert.Equal(rows, await RowsAsync(_elsewhere));
        Assert.Equal($"Wrote {rows.Length} rows to {Folder}.\n", wrote);
        Assert.Equal($$"""{"folder":"{{Folder}}","rows":{{rows.Length}}}""" + "\n", restored);
    }

    [Fact]
    public async Task Restore_handles_more_rows_than_fit_in_a_transaction()
    {
        await ProvisionAsync();
        string metadata = $$"""{"note":"{{new string('é', 30_000)}}"}""";
        foreach (long id in Enumerable.Range(100, 140))
        {
            await _there.AssignAsync(new Assignment("acme", id, id, 1, new AssignmentState(Active: true, Fulfilled: false, metadata), 1));
        }

        await _there.DoneAsync("backup", Folder);
        await _elsewhere.DoneAsync("restore", Folder);

        Assert.Equal(await RowsAsync(_there), await RowsAsync(_elsewhere));
    }

    [Fact]
    public async Task Restore_refuses_tables_that_have_API_keys()
    {
        await ProvisionAsync();
        await _there.DoneAsync("backup", Folder);
        string[] before = await RowsAsync(_there);

        AdminResult result = await _there.RunAsync("restore", Folder);

        Assert.Equal(
            new AdminResult(1, "", "These tables have API keys, so they may be in use: restore to another account, or with another Tables__Prefix.\n"),
            result);
        Assert.Equal(before, await RowsAsync(_there));
    }

    [Fact]
    public async Task Backup_does_not_overwrite_an_existing_folder()
    {
        await ProvisionAsync();

        AdminResult result = await _there.RunAsync("backup", _directory.FullName);

        Assert.Equal(new AdminResult(1, "", $"{_directory.FullName} already exists: pass a new folder.\n"), result);
        Assert.Empty(_directory.GetFileSystemInfos());
    }

    [Fact]
    public async Task Restore_rejects_a_folder_that_is_not_a_backup()
    {
        AdminResult result = await _elsewhere.RunAsync("restore", _directory.FullName);

        Assert.Equal(
            new AdminResult(1, "", $"{_directory.FullName} is not a complete backup: pass a folder written by 'backup'.\n"),
            result);
    }

    [Fact]
    public async Task Backup_reports_a_folder_that_cannot_be_created()
    {
        string file = Path.Combine(_directory.FullName, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        await ProvisionAsync();

        AdminResult result = await _there.RunAsync("backup", Path.Combine(file, "monday"));

        Assert.Equal(1, result.ExitCode);
        Assert.EndsWith("free disk space, or pass another folder.\n", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Assignments.jsonl", "", "Assignments.jsonl in {0} was changed or truncated after it was written; nothing was restored. Use another copy of the backup.")]
    [InlineData("ApiKeys.jsonl", null, "{0} is not a complete backup: pass a folder written by 'backup'.")]
    [InlineData("manifest.jsonl", null, "{0} has no manifest.jsonl, so the backup may be incomplete; nothing was restored. Use another copy of the backup.")]
    [InlineData("manifest.jsonl", "", "Assignments.jsonl in {0} was changed or truncated after it was written; nothing was restored. Use another copy of the backup.")]
    [InlineData("Platforms.jsonl", "{\"PartitionKey", "Line 1 of Platforms.jsonl in {0} is not a row; nothing was restored. Use another copy of the backup.")]
    [InlineData("Platforms.jsonl", "{\"PartitionKey\":1,\"RowKey\":\"\"}\n", "Line 1 of Platforms.jsonl in {0} is not a row; nothing was restored. Use another copy of the backup.")]
    [InlineData("Platforms.jsonl", "{\"PartitionKey\":\"\\ud800\",\"RowKey\":\"\"}\n", "Line 1 of Platforms.jsonl in {0} is not a row; nothing was restored. Use another copy of the backup.")]
    [InlineData("Platforms.jsonl", "[]\n", "Line 1 of Platforms.jsonl in {0} is not a row; nothing was restored. Use another copy of the backup.")]
    [InlineData("Platforms.jsonl", "{\"PartitionKey\":\"p\",\"RowKey\":\"\",\"n@odata.type\":\"Edm.Int64\",\"n\":\"99999999999999999999\"}\n", "Line 1 of Platforms.jsonl in {0} is not a row; nothing was restored. Use another copy of the backup.")]
    [InlineData("Platforms.jsonl", "{\"PartitionKey\":\"p\",\"RowKey\":\"\",\"Timestamp\":\"x\"}\n", "Line 1 of Platforms.jsonl in {0} is not a row; nothing was restored. Use another copy of the backup.")]
    public async Task Restore_rejects_an_incomplete_backup_and_writes_nothing(string file, string? content, string sentence)
    {
        await WriteBackupAsync();
        string path = Path.Combine(Folder, file);
        File.Delete(path);
        if (content is not null)
        {
            await File.WriteAllTextAsync(path, content, TestContext.Current.CancellationToken);
        }

        AdminResult result = await _elsewhere.RunAsync("restore", Folder);

        Assert.Equal(new AdminResult(1, "", string.Format(CultureInfo.InvariantCulture, sentence, Folder) + "\n"), result);
        await Assert.ThrowsAsync<RequestFailedException>(() => RowsAsync(_elsewhere));
    }

    [Fact]
    public async Task Restore_detects_any_truncation_and_any_changed_byte()
    {
        TablesBackup backup = await WriteBackupAsync();
        string[] files = Directory.GetFiles(Folder);
        Assert.IsType<BackupState.Whole>(await backup.CheckAsync(Folder, TestContext.Current.CancellationToken));

        await Gen.Select(Gen.Int[0, files.Length - 1], Gen.Int[0, int.MaxValue], Gen.Byte[1, 255], Gen.Bool).SampleAsync(
            async (file, at, change, cut) =>
            {
                byte[] whole = await File.ReadAllBytesAsync(files[file]);
                byte[] damaged = cut ? whole[..(at % whole.Length)] : [.. whole];
                if (!cut)
                {
                    damaged[at % whole.Length] ^= change;
                }

                await File.WriteAllBytesAsync(files[file], damaged);
                BackupState state = await backup.CheckAsync(Folder, CancellationToken.None);
                await File.WriteAllBytesAsync(files[file], whole);

                Assert.IsNotType<BackupState.Whole>(state);
            },
            iter: 500,
            threads: 1);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_backup_is_readable_only_by_its_owner()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Modes of files are Unix's.");
        await ProvisionAsync();

        await _there.DoneAsync("backup", Folder);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        string[] files = Directory.GetFiles(Folder);
        Assert.Equal(5, files.Length);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    /// <summary>Writes a backup without a process.</summary>
    private async Task<TablesBackup> WriteBackupAsync()
    {
        await _there.PlatformAsync("acme");
        await _there.LicenseAsync("Algebra", seats: 3);
        await _there.UserAsync("ada", "ada@example.org");
        await _there.Get<ApiKeyStore>().CreateAsync(
            new Platform("acme", Org: null, Suspended: false), "enrolment", expires: null, TestContext.Current.CancellationToken);
        TablesBackup backup = _there.Get<TablesBackup>();
        await backup.WriteAsync(Folder, TestContext.Current.CancellationToken);
        return backup;
    }

    private async Task ProvisionAsync()
    {
        await _there.DoneAsync("platform", "create", "a/b", "--org", "Ünion");
        await _there.DoneAsync("platform", "create", "acme");
        await _there.DoneAsync("key", "create", "acme", "--expires", "2030-01-31");
        await _there.DoneAsync("license", "create", "acme", "--name", "Algebra", "--seats", "3", "--starts", "2026-01-01");
        await _there.DoneAsync("user", "add", "acme", "--username", "ada", "--email", "ada@example.org");
    }

    /// <summary>All rows, without the timestamps that storage sets.</summary>
    private static async Task<string[]> RowsAsync(Provisioning provisioning)
    {
        Tables tables = provisioning.Get<Tables>();
        List<string> rows = [];
        foreach (TableClient table in new[] { tables.Assignments, tables.Directory, tables.Platforms, tables.ApiKeys })
        {
            await foreach (TableEntity row in table.QueryAsync<TableEntity>())
            {
                rows.Add(string.Join('\n', row
                    .Where(property => property.Key is not ("odata.etag" or "Timestamp"))
                    .Select(property => $"{property.Key} {property.Value.GetType().Name} {(property.Value is byte[] bytes ? Convert.ToHexString(bytes) : property.Value)}")
                    .Order(StringComparer.Ordinal)));
            }
        }

        return [.. rows];
    }
}
