using Azure;

namespace Licensing.Platforms;

/// <summary>When a platform was suspended, and the ETag of its row.</summary>
internal sealed record Suspension(DateTimeOffset Since, ETag ETag);
