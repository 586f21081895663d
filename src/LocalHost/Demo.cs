using Licensing.ApiKeys;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Users;
using Microsoft.Extensions.Options;

namespace LocalHost;

/// <summary>A platform to try the API on: one license, three users, one API key. Provisioned once, found again later.</summary>
internal sealed class Demo(
    Tables tables,
    PlatformStore platforms,
    LicenseStore licenses,
    UserStore users,
    ApiKeyStore keys,
    IOptions<LocalHostOptions> options) : IHostedService
{
    public const long LicenseId = 1;

    private const string PlatformKey = "demo";
    private const string Organisation = "demo-org";
    private const long Seats = 5;

    private static readonly string[] UserNames = ["ada", "grace", "linus"];

    /// <summary>Its users' addresses.</summary>
    public static IReadOnlyList<string> Emails { get; } = [.. UserNames.Select(EmailOf)];

    /// <summary>Who the printed commands give a seat to.</summary>
    public static string Email => Emails[0];

    /// <summary>The platform's API key, or null when there is no demo.</summary>
    public ApiKeySecret? Key { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!(options.Value.Demo ?? tables.Account.IsLoopback))
        {
            return;
        }

        await tables.CreateIfMissingAsync(cancellationToken);
        Platform platform = new(PlatformKey, Organisation, Suspended: false);
        await platforms.TryCreateAsync(platform, cancellationToken);
        await licenses.CreateAsync(
            PlatformKey, LicenseId, "Demo course", Seats, starts: null, expires: null, redirectTo: null, cancellationToken);
        for (int i = 0; i < UserNames.Length; i++)
        {
            _ = EmailAddress.TryParse(EmailOf(UserNames[i]), out EmailAddress? email);
            await users.AddAsync(PlatformKey, i + 1, UserNames[i], email, cancellationToken);
        }

        Key = await KeyAsync(platform, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The key of an earlier run while this storage knows it; storage can not give its secret back.</summary>
    private async Task<ApiKeySecret> KeyAsync(Platform platform, CancellationToken cancellationToken)
    {
        string path = Path.Combine(Directory.CreateDirectory(options.Value.DataFolder).FullName, "demo-key");
        if (File.Exists(path)
            && ApiKeySecret.TryParse((await File.ReadAllTextAsync(path, cancellationToken)).Trim(), out ApiKeySecret? kept)
            && await keys.AuthenticateAsync(kept, cancellationToken) is { Platform: PlatformKey })
        {
            return kept;
        }

        (_, ApiKeySecret secret) = await keys.CreateAsync(platform, "LocalHost demo", expires: null, cancellationToken);
        File.Delete(path);
        FileStreamOptions create = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using StreamWriter file = new(path, create);
        await file.WriteLineAsync(secret.Reveal());
        return secret;
    }

    private static string EmailOf(string userName) => $"{userName}@example.com";
}
