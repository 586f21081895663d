using Licensing.ApiKeys;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Users;
using Microsoft.Extensions.Options;

namespace LocalHost;

/// <summary>Provisions a platform to try the API: one license, three users, one API key. Later runs reuse it.</summary>
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
    private const string Organization = "demo-org";
    private const long Seats = 5;

    private static readonly string[] UserNames = ["ada", "grace", "linus"];

    /// <summary>The addresses of its users.</summary>
    public static IReadOnlyList<string> Emails { get; } = [.. UserNames.Select(EmailOf)];

    /// <summary>The address that the printed commands use.</summary>
    public static string Email => Emails[0];

    /// <summary>The API key of the platform, or null without a demo.</summary>
    public ApiKeySecret? Key { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!(options.Value.Demo ?? tables.Account.IsLoopback))
        {
            return;
        }

        await tables.CreateIfMissingAsync(cancellationToken);
        Platform platform = new(PlatformKey, Organization, Suspended: false);
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

    /// <summary>Returns the key of an earlier run if it still works, or a new one, because storage has no secrets.</summary>
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
