namespace Functions.Responses;

internal sealed record CheckResponse(bool Active);
