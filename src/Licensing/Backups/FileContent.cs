using System.Security.Cryptography;

namespace Licensing.Backups;

/// <summary>A file of a backup, with its number of rows and the <see cref="SHA256"/> of its bytes.</summary>
internal sealed record FileContent(string File, long Rows, byte[] Sha256);
