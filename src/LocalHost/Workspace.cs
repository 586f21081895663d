namespace LocalHost;

/// <summary>The repository that contains this build.</summary>
internal static class Workspace
{
    private const string Marker = "Functions.sln";

    /// <summary>Its root folder.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Marker)))
            {
                return folder.FullName;
            }
        }

        throw new PrerequisiteException(
            $"{Marker} was not found above {AppContext.BaseDirectory}: run LocalHost from a clone of the repository (dotnet run --project src/LocalHost).");
    }
}
