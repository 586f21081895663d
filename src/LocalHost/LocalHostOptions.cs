namespace LocalHost;

/// <summary>What LocalHost itself can be told, for example <c>--Demo=false</c>.</summary>
public sealed class LocalHostOptions
{
    /// <summary>When false, Azurite is never started.</summary>
    public bool Azurite { get; set; } = true;

    /// <summary>Whether the demo is provisioned; when null, it is in storage on this machine only.</summary>
    public bool? Demo { get; set; }

    /// <summary>The folder for Azurite's data and the demo's key; when null, <c>.data</c> in the repository.</summary>
    public string? Data { get; set; }

    internal string DataFolder => Path.GetFullPath(Data ?? Path.Combine(Workspace.Root, ".data"));
}
