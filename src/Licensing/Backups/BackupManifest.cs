using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Licensing.Backups;

/// <summary>What tells a whole backup from a cut or changed one: the rows and the SHA-256 of each of its files.</summary>
internal static class BackupManifest
{
    public const string File = "manifest.jsonl";

    /// <summary>The one way to write it: a manifest that says the same in other bytes is not ours.</summary>
    public static byte[] Of(IEnumerable<FileContent> files) =>
        Encoding.UTF8.GetBytes(string.Concat(files.Select(LineOf)));

    /// <summary>The first file that is not as the manifest says, or null.</summary>
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

/// <summary>A file of a backup, with its number of rows and the <see cref="SHA256"/> of its bytes.</summary>
internal sealed record FileContent(string File, long Rows, byte[] Sha256);
