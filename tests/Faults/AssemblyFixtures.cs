[assembly: Xunit.AssemblyFixture(typeof(Testing.AzuriteFixture))]
