namespace Infra.Tests;

/// <summary>A copy of <c>infra</c>, because the CLI writes beside the files it reads.</summary>
internal sealed class InfraCopy : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("infra-tests-");

    public InfraCopy()
    {
        foreach (string file in Files(Bicep.Folder))
        {
            string target = PathOf(file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(Bicep.Folder, file), target);
        }
    }

    public string Folder => _folder.FullName;

    /// <summary>All files in a folder, by relative path.</summary>
    public static IEnumerable<string> Files(string folder) => Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(folder, file));

    public string PathOf(string file) => Path.Combine(Folder, file);

    public void Dispose() => _folder.Delete(recursive: true);
}
