using Azure;

namespace Licensing.Users;

/// <summary>An address reserved for a user, see <see cref="UserDirectory.ReserveAsync"/>.</summary>
internal sealed record Reservation(User User, EmailAddress Email, ETag ETag);
