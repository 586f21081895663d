using Azure.Data.Tables;
using Microsoft.Extensions.Options;

namespace Licensing.Storage;

/// <summary>The options system wants a constructor without parameters, which <see cref="TableClientOptions"/> lacks.</summary>
internal sealed class TableClientOptionsFactory(
    IEnumerable<IConfigureOptions<TableClientOptions>> setups,
    IEnumerable<IPostConfigureOptions<TableClientOptions>> postConfigures)
    : OptionsFactory<TableClientOptions>(setups, postConfigures)
{
    protected override TableClientOptions CreateInstance(string name) => new();
}
