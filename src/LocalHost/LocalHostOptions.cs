namespace LocalHost;

/// <summary>The settings of LocalHost itself, for example <c>--Demo=false</c>.</summary>
public sealed class LocalHostOptions
{
    /// <summary>Whether to start Azurite when the configured emulator is not running.</summary>
    public bool Azurite { get; set; } = true;

    /// <summary>Whether to provision the demo; null provisions it in local storage only.</summary>
    public bool? Demo { get; set; }

    /// <summary>The folder for Azurite's data and the demo's API key; null means <c>.data</c> in the repository.</summary>
    public string? Data { get; set; }

    internal string DataFolder => Path.GetFullPath(Data ?? Path.Combine(Workspace.Root, ".data"));
}
