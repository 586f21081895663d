using System.IO.Pipes;
using System.Text;
using Admin.Imports;
using Xunit;

namespace Admin.Unit.Tests;

/// <summary>How files and pipes are decoded, in the encodings that programs write.</summary>
public sealed class CsvTextTests
{
    private const string Text = "username,email\nŁucja 😀,lucja@example.org\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<byte[]> Encoded => new(
        Encoding.UTF8.GetBytes(Text),
        Written(Encoding.UTF8),
        Written(Encoding.Unicode),
        Written(Encoding.BigEndianUnicode));

    public static TheoryData<byte[]> NotText => new(
        Encoding.Latin1.GetBytes("Äda"),
        [.. Encoding.UTF8.Preamble, .. Encoding.Latin1.GetBytes("Äda")],
        [.. "ada"u8, 0xC3],
        [.. Encoding.Unicode.Preamble, 0x00, 0xD8, 0x41, 0x00],
        [.. Encoding.Unicode.Preamble, 0x41],
        [.. Encoding.BigEndianUnicode.Preamble, 0xDC, 0x00]);

    [Theory]
    [MemberData(nameof(Encoded))]
    public void Text_can_be_read_repeatedly_without_its_byte_order_mark(byte[] bytes)
    {
        using CsvText text = new(new MemoryStream(bytes));

        Assert.Equal(Text, ReadWhole(text));
        Assert.Equal(Text, ReadWhole(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("ab")]
    public void A_file_may_be_shorter_than_a_byte_order_mark(string content)
    {
        using CsvText text = new(new MemoryStream(Encoding.UTF8.GetBytes(content)));

        Assert.Equal(content, ReadWhole(text));
    }

    [Theory]
    [MemberData(nameof(NotText))]
    public void Undecodable_text_is_rejected_with_what_to_do(byte[] bytes)
    {
        using CsvText text = new(new MemoryStream(bytes));

        Assert.Equal(
            "The file is not UTF-8: save it as CSV in UTF-8.",
            Assert.Throws<UnreadableFileException>(() => ReadWhole(text)).Message);
    }

    [Fact]
    public async Task A_missing_file_or_a_folder_is_rejected_with_what_to_do()
    {
        string folder = AppContext.BaseDirectory;
        foreach (string path in new[] { folder, Path.Combine(folder, "missing.csv") })
        {
            UnreadableFileException refused = await Assert.ThrowsAsync<UnreadableFileException>(
                () => CsvText.OpenAsync(path, Cancellation));

            Assert.Equal("The file cannot be read: check its name and permissions.", refused.Message);
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1, false)]
    public void A_file_that_becomes_unreadable_is_rejected_with_what_to_do(int afterReads, bool denied)
    {
        using CsvText text = new(new FailingStream(afterReads, denied ? new UnauthorizedAccessException() : new IOException()));

        Assert.Equal(
            "The file cannot be read: check its name and permissions.",
            Assert.Throws<UnreadableFileException>(() => ReadWhole(text)).Message);
    }

    [Fact]
    public void A_file_stays_open_until_its_text_is_disposed()
    {
        MemoryStream bytes = new(Encoding.UTF8.GetBytes(Text));
        CsvText text = new(bytes);

        text.Read().Dispose();
        Assert.True(bytes.CanRead);

        text.Dispose();
        Assert.False(bytes.CanRead);
    }

    [Fact]
    public async Task A_file_is_read_in_place_without_a_copy()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux shows the files that a process has open.");
        string path = typeof(CsvTextTests).Assembly.Location;

        using CsvText text = await CsvText.OpenAsync(path, Cancellation);

        Assert.DoesNotContain(OpenFiles(), file => IsDeleted(file) && SizeOf(file) == new FileInfo(path).Length);
        Assert.Contains(OpenFiles(), file => new FileInfo(file).LinkTarget == path);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10_000)]
    public async Task A_pipe_can_be_read_repeatedly_from_a_private_temporary_file(int times)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux gives a pipe a path of this kind.");
            return;
        }

        string content = string.Concat(Enumerable.Repeat(Text, times));
        using AnonymousPipeServerStream pipe = new(PipeDirection.Out);
        Task<CsvText> open = CsvText.OpenAsync($"/proc/self/fd/{pipe.ClientSafePipeHandle.DangerousGetHandle()}", Cancellation);
        await pipe.WriteAsync(Encoding.UTF8.GetBytes(content), Cancellation);
        // Close the writing end. The reading end must stay open until it is opened by its path.
        pipe.SafePipeHandle.Dispose();

        using CsvText text = await open;

        Assert.Equal(content, ReadWhole(text));
        Assert.Equal(content, ReadWhole(text));
        string copy = Assert.Single(OpenFiles(), file => IsDeleted(file) && SizeOf(file) == Encoding.UTF8.GetByteCount(content));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(copy));
    }

    /// <summary>An endless device, passed by mistake.</summary>
    [Fact]
    public void More_than_256_MiB_are_rejected_with_what_to_do()
    {
        using CsvText text = new(new EndlessStream());
        using TextReader reader = text.Read();
        const int MiB = 1024 * 1024;
        char[] buffer = new char[MiB];
        for (int i = 0; i < 256; i++)
        {
            Assert.Equal(MiB, reader.ReadBlock(buffer, 0, MiB));
        }

        Assert.Equal(
            "The file is larger than 256 MiB: check its name, or split it.",
            Assert.Throws<UnreadableFileException>(() => { reader.ReadBlock(buffer, 0, 1); }).Message);
    }

    private static byte[] Written(Encoding encoding) => [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)];

    private static string ReadWhole(CsvText text)
    {
        using TextReader reader = text.Read();
        return reader.ReadToEnd();
    }

    private static string[] OpenFiles() => Directory.GetFiles("/proc/self/fd");

    private static bool IsDeleted(string descriptor) =>
        new FileInfo(descriptor).LinkTarget?.EndsWith(" (deleted)", StringComparison.Ordinal) == true;

    private static long SizeOf(string descriptor)
    {
        using FileStream file = File.OpenRead(descriptor);
        return file.Length;
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            buffer.Fill((byte)'a');
            return buffer.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }

    private sealed class FailingStream(int afterReads, Exception failure) : MemoryStream("ada"u8.ToArray())
    {
        private int _reads;

        public override int Read(Span<byte> buffer)
        {
            if (_reads++ >= afterReads)
            {
                throw failure;
            }

            buffer[..3].Fill((byte)'a');
            return 3;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }
}
