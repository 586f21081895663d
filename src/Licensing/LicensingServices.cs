using Azure.Data.Tables;
using Licensing.ApiKeys;
using Licensing.Assignments;
using Licensing.Backups;
using Licensing.Commit;
using Licensing.Licenses;
using Licensing.Platforms;
using Licensing.Storage;
using Licensing.Users;
using Licensing.Verification;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Licensing;

/// <summary>Registers the services of this library.</summary>
public static class LicensingServices
{
    /// <summary>
    /// Adds the assignment service, its stores, verification and backup, on the tables that the configuration section
    /// <c>Tables</c> names. Connects to nothing until a service is used.
    /// </summary>
    /// <param name="services">The collection to add to.</param>
    /// <param name="storageTry">The timeout of one attempt of a storage call; null for <see cref="Deadlines.StorageTry"/>.</param>
    public static IServiceCollection AddLicensing(this IServiceCollection services, TimeSpan? storageTry = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        services.TryAddSingleton(TaskScheduler.Default);
        services.TryAddSingleton(new Administrator("admin"));
        // Has no effect in a host that has added logging.
        services.TryAddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        return services
            .AddTables(storageTry ?? Deadlines.StorageTry)
            .AddSingleton<IdSequence>()
            .AddSingleton<PlatformStore>()
            .AddSingleton<ApiKeyUses>()
            .AddHostedService<ApiKeyUseWriter>()
            .AddSingleton<ApiKeyStore>()
            .AddSingleton<LicenseStore>()
            .AddSingleton<LicenseHistory>()
            .AddSingleton<LicenseRemoval>()
            .AddSingleton<PlatformRemoval>()
            .AddUsers()
            .AddSingleton<AssignmentStore>()
            .AddSingleton<AssignmentIds>()
            .AddSingleton<KnownAssignments>()
            .AddSingleton(_ => new OwnAllotments(instance: Guid.NewGuid().ToString("N")[..12]))
            .AddSingleton<LicenseWriters>()
            .AddSingleton<Committer>()
            .AddSingleton<RepeatedDeletes>()
            .AddSingleton(provider => new AssignmentService(
                provider.GetRequiredService<PlatformStore>(),
                provider.GetRequiredService<LicenseStore>(),
                provider.GetRequiredService<UserStore>(),
                provider.GetRequiredService<AssignmentStore>(),
                provider.GetRequiredService<Committer>(),
                provider.GetRequiredService<RepeatedDeletes>(),
                provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<Verifier>()
            .AddSingleton<TablesBackup>();
    }

    private static IServiceCollection AddTables(this IServiceCollection services, TimeSpan storageTry)
    {
        services.AddOptions<TablesOptions>().BindConfiguration(TablesOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TablesOptions>, TablesOptionsValidator>();
        services.AddSingleton<TablesAdvice>();
        services.AddOptions<TableClientOptions>().Configure<TablesAdvice>(
            (options, advice) => TablesClient.Configure(options, advice, storageTry));
        services.AddTransient<IOptionsFactory<TableClientOptions>, TableClientOptionsFactory>();
        services.AddSingleton(provider => TablesClient.Create(
            provider.GetRequiredService<IOptions<TablesOptions>>().Value,
            provider.GetRequiredService<IOptions<TableClientOptions>>().Value,
            provider.GetRequiredService<IConfiguration>()));
        return services.AddSingleton<Tables>();
    }

    private static IServiceCollection AddUsers(this IServiceCollection services) =>
        services
            .AddSingleton<UserRows>()
            .AddSingleton<UserFences>()
            .AddSingleton<UserDirectory>()
            .AddSingleton<UserAdditions>()
            .AddSingleton<UserChanges>()
            .AddSingleton(provider => new UserStore(
                provider.GetRequiredService<UserRows>(),
                provider.GetRequiredService<UserDirectory>(),
                provider.GetRequiredService<UserFences>(),
                provider.GetRequiredService<UserAdditions>(),
                provider.GetRequiredService<UserChanges>(),
                provider.GetRequiredService<TimeProvider>()));
}
