using System.Globalization;
using System.Text;

namespace Licensing.Backups;

/// <summary>The number of rows and the SHA-256 of each file of a backup, to detect incomplete and changed backups.</summary>
internal static class BackupManifest
{
    public const string File = "manifest.jsonl";

    /// <summary>Returns the manifest's only valid form; manifests are compared byte by byte.</summary>
    public static byte[] Of(IEnumerable<FileContent> files) =>
        Encoding.UTF8.GetBytes(string.Concat(files.Select(LineOf)));

    /// <summary>Returns the first file that does not match the manifest, or null.</summary>
    public static string? FirstDifference(byte[] manifest, IReadOnlyList<FileContent> files)
    {
        if (manifest.AsSpan().SequenceEqual(Of(files)))
        {
            return null;
        }

        string text = Encoding.UTF8.GetString(manifest);
        return files.FirstOrDefault(file => !text.Contains(LineOf(file), StringComparison.Ordinal))?.File ?? File;
    }

    private static string LineOf(FileContent file) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"file":"{{file.File}}","rows":{{file.Rows}},"sha256":"{{Convert.ToHexStringLower(file.Sha256)}}"}{{'\n'}}""");
}
