namespace Licensing.Verification;

/// <summary>Repairs one violation. Returns a sentence that says what was done, or null if nothing had to be done.</summary>
internal delegate Task<string?> Repair(CancellationToken cancellationToken);
