using Azure.Data.Tables;

// The baseline: Kestrel with one route, published and started like LocalHost.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
WebApplication app = builder.Build();
app.MapGet("/", () => "ok");

// A response as long as the API's problem documents.
byte[] problem = new byte[300];
Array.Fill(problem, (byte)'x');
app.MapPost("/", async (HttpContext context) =>
{
    context.Response.StatusCode = StatusCodes.Status401Unauthorized;
    context.Response.ContentType = "application/problem+json";
    context.Response.ContentLength = problem.Length;
    await context.Response.Body.WriteAsync(problem, context.RequestAborted);
});

// The three reads of a first check, with only the storage client.
app.MapGet("/reads", async (HttpContext context) =>
{
    TableServiceClient service = new(app.Configuration["Tables:ConnectionString"]);
    foreach (string? read in context.Request.Query["read"])
    {
        string[] parts = read!.Split('|');
        await foreach (TableEntity _ in service.GetTableClient(parts[0]).QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {parts[1]} and RowKey ge {parts[2]} and RowKey lt {parts[3]}")))
        {
        }
    }

    return "ok";
});
await app.StartAsync();
Console.WriteLine("ready");
await app.WaitForShutdownAsync();
