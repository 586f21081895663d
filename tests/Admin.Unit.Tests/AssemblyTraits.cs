[assembly: Xunit.Trait("Speed", "Fast")]
