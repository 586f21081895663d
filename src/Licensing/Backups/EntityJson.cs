using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Azure.Data.Tables;

namespace Licensing.Backups;

/// <summary>Converts a row to and from a line of JSON, in the format of the table service.</summary>
/// <seealso href="https://learn.microsoft.com/rest/api/storageservices/payload-format-for-table-service-operations"/>
internal static class EntityJson
{
    private const string TypeSuffix = "@odata.type";

    /// <summary>Properties that the table service sets.</summary>
    private static readonly string[] ServiceProperties = ["odata.etag", nameof(TableEntity.Timestamp)];

    public static string Write(TableEntity entity)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            foreach ((string name, object value) in entity.Where(property => !ServiceProperties.Contains(property.Key)))
            {
                Write(json, name, value);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Returns the row, or null if <see cref="Write(TableEntity)"/> cannot have written the line.</summary>
    public static TableEntity? TryRead(string line)
    {
        try
        {
            TableEntity entity = Read(line);
            return entity is { PartitionKey: not null, RowKey: not null } && !ServiceProperties.Any(entity.ContainsKey) ? entity : null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or NotSupportedException or OverflowException)
        {
            return null;
        }
    }

    private static TableEntity Read(string line)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        TableEntity entity = [];
        foreach (JsonProperty property in json.RootElement.EnumerateObject().Where(property => !property.Name.EndsWith(TypeSuffix, StringComparison.Ordinal)))
        {
            string? type = json.RootElement.TryGetProperty(property.Name + TypeSuffix, out JsonElement named) ? named.GetString() : null;
            entity[property.Name] = Read(property.Value, type);
        }

        return entity;
    }

    private static void Write(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteString(name, text);
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            case long number:
                Write(json, name, "Edm.Int64", number.ToString(CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset instant:
                Write(json, name, "Edm.DateTime", instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
                break;
            case Guid id:
                Write(json, name, "Edm.Guid", id.ToString());
                break;
            case byte[] bytes:
                Write(json, name, "Edm.Binary", Convert.ToBase64String(bytes));
                break;
            default:
                throw new NotSupportedException($"Rows do not contain {value.GetType().Name}: {name}.");
        }
    }

    private static void Write(Utf8JsonWriter json, string name, string type, string value)
    {
        json.WriteString(name + TypeSuffix, type);
        json.WriteString(name, value);
    }

    private static object Read(JsonElement value, string? type) => type switch
    {
        null when value.ValueKind is JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        null => value.GetString() ?? throw new FormatException("A property has no value."),
        "Edm.Int64" => long.Parse(value.GetString()!, CultureInfo.InvariantCulture),
        "Edm.DateTime" => value.GetDateTimeOffset(),
        "Edm.Guid" => value.GetGuid(),
        "Edm.Binary" => value.GetBytesFromBase64(),
        _ => throw new NotSupportedException($"Rows do not contain {type}."),
    };
}
