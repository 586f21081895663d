namespace Admin.Imports;

/// <param name="Size">Rows that are written together.</param>
/// <param name="AtOnce">Batches in flight at the same time.</param>
internal sealed record BatchLimits(int Size, int AtOnce);
