using System.Net.Sockets;
using System.Text;
using Azure;

namespace Functions;

/// <summary>
/// What is logged of an exception: its types, codes and stack traces. Never a message: it may quote a request's body
/// or a row of storage, and storage's own messages hold the whole response.
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
