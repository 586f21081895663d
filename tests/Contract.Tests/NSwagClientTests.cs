using System.Net.Http.Headers;
using System.Reflection;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;
using NSwag.CodeGeneration.OperationNameGenerators;
using Xunit;

namespace Contract.Tests;

/// <summary>A C# client as NSwag generates it from the document.</summary>
public sealed class NSwagClientTests(ApiDocument document, LocalHostService service)
{
    [Theory]
    [InlineData(CSharpJsonLibrary.SystemTextJson)]
    [InlineData(CSharpJsonLibrary.NewtonsoftJson)]
    public async Task NSwags_client_compiles_and_creates_checks_and_deletes_an_assignment(CSharpJsonLibrary library)
    {
        Assembly assembly = Generated.Compile(await GenerateAsync(library));
        Scene scene = await Scene.CreateAsync(document, service);
        using HttpClient http = new();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Api-Key", scene.Key);
        dynamic client = New(assembly, "Client", http);
        client.BaseUrl = (await service.ServerAsync()).Client.BaseAddress!.ToString();
        dynamic request = New(assembly, "AssignmentRequest");
        request.License_id = (int)Scene.License;
        request.Email = scene.Email;

        dynamic assignment = await client.Catalog_licenses_user_assignment_createAsync((int)Scene.License, null, null, null, null, null, null, request);
        dynamic check = await client.Catalog_licenses_user_assignment_check_retrieveAsync(scene.Email);
        await client.Catalog_licenses_user_assignment_destroyAsync((int)assignment.Id, (int)Scene.License, null, null, null, null, null, null);

        Assert.Equal(scene.Email, (string)assignment.Email);
        Assert.True((bool)assignment.Active);
        Assert.Equal("True", check.Active.ToString());
        Assert.Equal(404, (await scene.CheckAsync(scene.Email)).Status);
    }

    private static async Task<string> GenerateAsync(CSharpJsonLibrary library) => new CSharpClientGenerator(
        await OpenApiYamlDocument.FromYamlAsync(ApiDocument.Text, TestContext.Current.CancellationToken),
        new CSharpClientGeneratorSettings
        {
            ClassName = "Client",
            OperationNameGenerator = new SingleClientFromOperationIdOperationNameGenerator(),
            CSharpGeneratorSettings = { Namespace = "Generated", JsonLibrary = library },
        }).GenerateFile();

    private static object New(Assembly assembly, string type, params object[] arguments) =>
        Activator.CreateInstance(assembly.GetType($"Generated.{type}", throwOnError: true)!, arguments)!;
}
