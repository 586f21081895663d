namespace Admin.Output;

internal sealed record BackupJson(string Folder, long Rows);
