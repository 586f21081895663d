[assembly: Xunit.AssemblyFixture(typeof(TestSupport.AzuriteFixture))]
