using System.Text;

namespace Admin.Output;

/// <summary>
/// The file that a command writes its chart to at the end. It is opened before the work, so that a wrong path is told at
/// once, and stays as it was, or missing as it was, unless the chart is written whole.
/// </summary>
internal sealed class ChartFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;

    /// <summary>The file that opening created and that holds no chart yet; never a symbolic link, only what it points to.</summary>
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

    /// <param name="path">Null when no chart is wanted.</param>
    /// <param name="whyNot">What to tell when it cannot be written; else null.</param>
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

    /// <returns>What to tell when it cannot be written; else null.</returns>
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

    /// <summary>Of the file itself; 0 of a device.</summary>
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

    /// <summary>Writes first what needs more space than the file has: when there is none, the file is still as it was.</summary>
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
