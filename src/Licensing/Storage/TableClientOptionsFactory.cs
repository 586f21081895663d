using Azure.Data.Tables;
using Microsoft.Extensions.Options;

namespace Licensing.Storage;

/// <summary>Creates <see cref="TableClientOptions"/>, which lacks the parameterless constructor that the options system expects.</summary>
internal sealed class TableClientOptionsFactory(
    IEnumerable<IConfigureOptions<TableClientOptions>> setups,
    IEnumerable<IPostConfigureOptions<TableClientOptions>> postConfigures)
    : OptionsFactory<TableClientOptions>(setups, postConfigures)
{
    protected override TableClientOptions CreateInstance(string name) => new();
}
