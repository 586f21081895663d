using Licensing;
using Licensing.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace TestSupport;

/// <summary>The stores without a server, to provision and inspect storage in tests.</summary>
public static class DirectStorage
{
    /// <summary>Opens the tables with this prefix and creates them.</summary>
    public static async Task<ServiceProvider> OpenAsync(string connectionString, string prefix)
    {
        ServiceProvider services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Tables:ConnectionString"] = connectionString,
                ["Tables:Prefix"] = prefix,
            }).Build())
            .AddLicensing()
            .BuildServiceProvider();
        await services.GetRequiredService<Tables>().CreateIfMissingAsync(TestContext.Current.CancellationToken);
        return services;
    }
}
