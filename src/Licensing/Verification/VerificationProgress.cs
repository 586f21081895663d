namespace Licensing.Verification;

/// <summary>The progress of a verification: the kind of rows that it is reading, and the number of rows read so far.</summary>
public sealed record VerificationProgress(string Platform, string Reading, long Rows);
