using System.Net.Sockets;
using System.Text;
using Azure;

namespace Functions;

/// <summary>
/// Formats an exception for the log: types, codes and stack traces. Messages are left out, because they may quote a
/// request body or a row, and those of storage contain the whole response.
/// </summary>
internal static class LoggedFailure
{
    public static string Of(Exception exception)
    {
        StringBuilder text = new();
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            text.Append(cause.GetType().FullName);
            text.AppendLine(cause switch
            {
                RequestFailedException refused => $" ({refused.Status} {refused.ErrorCode})",
                SocketException refused => $" ({refused.SocketErrorCode})",
                _ => "",
            });
            text.AppendLine(cause.StackTrace);
        }

        return text.ToString();
    }
}
