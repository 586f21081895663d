namespace Admin.Imports;

/// <param name="Size">Rows in a batch.</param>
/// <param name="AtOnce">Concurrent batches.</param>
internal sealed record BatchLimits(int Size, int AtOnce);
