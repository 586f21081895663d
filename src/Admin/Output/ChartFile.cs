using System.Text;

namespace Admin.Output;

/// <summary>
/// The file to which a command writes its chart at the end. It is opened before the work, so that a wrong path is reported
/// at once. Unless the whole chart is written, an existing file keeps its content and a new one is removed.
/// </summary>
internal sealed class ChartFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;

    /// <summary>The file to remove if no chart is written, because opening created it: the target, never a symbolic link.</summary>
    private string? _created;

    private ChartFile(string path)
    {
        _path = path;
        FileInfo named = new(path);
        string target = named.LinkTarget is null ? path : named.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        bool isNew = !Path.Exists(target);
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _created = isNew ? target : null;
    }

    /// <param name="path">The path, or null for no chart.</param>
    /// <param name="whyNot">The error message if the file cannot be written, or null.</param>
    public static ChartFile? Open(string? path, out string? whyNot)
    {
        whyNot = null;
        try
        {
            return path is null ? null : new ChartFile(path);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            whyNot = NotWritten(path!, exception);
            return null;
        }
    }

    /// <returns>The error message if the chart cannot be written, or null.</returns>
    public string? Write(string svg)
    {
        try
        {
            Overwrite(Encoding.UTF8.GetBytes(svg));
            _created = null;
            return null;
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            return NotWritten(_path, exception);
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        if (_created is not null)
        {
            File.Delete(_created);
        }
    }

    /// <summary>0 for a device.</summary>
    private long Length => RandomAccess.GetLength(_file.SafeFileHandle);

    private static string NotWritten(string path, Exception exception) =>
        $"{path} cannot be written ({exception.Message}): free disk space, or pass another file.";

    private void Overwrite(byte[] bytes)
    {
        if (!_file.CanSeek)
        {
            // A pipe.
            _file.Write(bytes);
            return;
        }

        int before = (int)Math.Min(Length, bytes.Length);
        AddEnd(bytes.AsSpan(before));
        _file.Position = 0;
        _file.Write(bytes, 0, before);
        if (Length > bytes.Length)
        {
            _file.SetLength(bytes.Length);
        }
    }

    /// <summary>Appends the part that needs more disk space first: if the disk is full, the file is unchanged.</summary>
    private void AddEnd(ReadOnlySpan<byte> end)
    {
        long length = Length;
        try
        {
            _file.Position = length;
            _file.Write(end);
        }
        catch (Exception exception) when (FileFailure.Is(exception) && Length > length)
        {
            _file.SetLength(length);
            throw;
        }
    }
}
