using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Xunit;

namespace Functions.Tests;

/// <summary>
/// The three types that stand in for the worker's have its shape, so that what compiles and runs here compiles and
/// runs against the packages.
/// </summary>
public sealed class WorkerAttributesTests
{
    [Fact]
    public void The_stand_ins_are_three_types_in_the_workers_namespace() =>
        Assert.Equal(
            ["AuthorizationLevel", "FunctionAttribute", "HttpTriggerAttribute"],
            typeof(AssignmentFunctions).Assembly.GetExportedTypes()
                .Where(type => type.Namespace == "Microsoft.Azure.Functions.Worker")
                .Select(type => type.Name)
                .Order());

    [Fact]
    public void A_function_is_named_by_an_attribute_on_its_method()
    {
        Type type = typeof(FunctionAttribute);

        Assert.Equal((true, typeof(Attribute)), (type.IsSealed, type.BaseType));
        Assert.Equal(AttributeTargets.Method, UsedOn(type));
        Assert.Equal(["Void .ctor(System.String)"], Constructors(type));
        Assert.Equal(["String Name { get; }"], Properties(type));
        Assert.Equal("create", new FunctionAttribute("create").Name);
    }

    [Fact]
    public void A_trigger_is_an_attribute_on_a_parameter_with_level_methods_and_route()
    {
        Type type = typeof(HttpTriggerAttribute);
        HttpTriggerAttribute trigger = new(AuthorizationLevel.Anonymous, "get", "head") { Route = "check" };

        Assert.True(type.IsSealed && type.IsSubclassOf(typeof(Attribute)));
        Assert.Equal(AttributeTargets.Parameter, UsedOn(type));
        ParameterInfo[] parameters = Assert.Single(type.GetConstructors()).GetParameters();
        Assert.Equal([typeof(AuthorizationLevel), typeof(string[])], parameters.Select(parameter => parameter.ParameterType));
        Assert.True(parameters[1].IsDefined(typeof(ParamArrayAttribute)));
        Assert.Equal(["AuthorizationLevel AuthLevel { get; }", "String Route { get; set; }", "String[] Methods { get; }"], Properties(type));
        Assert.Equal((AuthorizationLevel.Anonymous, "check"), (trigger.AuthLevel, trigger.Route));
        Assert.Equal(["get", "head"], trigger.Methods);
    }

    [Fact]
    public void Levels_have_the_workers_names_and_numbers() =>
        Assert.Equal(
            ["Anonymous = 0", "User = 1", "Function = 2", "System = 3", "Admin = 4"],
            Enum.GetValues<AuthorizationLevel>().Select(level => $"{level} = {level:D}"));

    private static AttributeTargets UsedOn(Type type) => type.GetCustomAttribute<AttributeUsageAttribute>()!.ValidOn;

    private static IEnumerable<string> Constructors(Type type) =>
        type.GetConstructors().Select(constructor => constructor.ToString()!);

    private static IEnumerable<string> Properties(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Select(property => $"{property.PropertyType.Name} {property.Name} {{ get;{(property.CanWrite ? " set;" : "")} }}")
        .Order(StringComparer.Ordinal);
}
