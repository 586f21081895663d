using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Copies the sources and inserts the defects. A line to replace must occur exactly once.</summary>
public sealed class PatchSources : Task
{
    [Required]
    public string Root { get; set; }

    [Required]
    public string[] Sources { get; set; }

    [Required]
    public string Defects { get; set; }

    [Required]
    public string Target { get; set; }

    public override bool Execute()
    {
        string root = Path.GetFullPath(Root);
        Dictionary<string, string> texts = new Dictionary<string, string>();
        foreach (string source in Sources)
        {
            texts[Path.GetFullPath(source).Substring(root.Length).Replace('\\', '/')] = File.ReadAllText(source);
        }

        string file = "";
        string find = null;
        foreach (string line in File.ReadAllLines(Defects))
        {
            if (line.StartsWith("@ "))
            {
                file = line.Substring(2);
            }
            else if (line.StartsWith("- "))
            {
                find = line.Substring(2);
            }
            else if (line.StartsWith("+ "))
            {
                string text = texts[file];
                int at = text.IndexOf(find, StringComparison.Ordinal);
                if (at < 0 || text.IndexOf(find, at + 1, StringComparison.Ordinal) >= 0)
                {
                    Log.LogError("defects.txt: this is not exactly once in " + file + ": " + find);
                    continue;
                }

                texts[file] = text.Replace(find, line.Substring(2));
            }
        }

        // Delete the copies of deleted sources.
        if (Directory.Exists(Target))
        {
            Directory.Delete(Target, recursive: true);
        }

        foreach (KeyValuePair<string, string> text in texts)
        {
            string path = Path.Combine(Target, text.Key);
            Directory.CreateDirectory(Path.GetDirectoryName(path));
            File.WriteAllText(path, text.Value);
        }

        return !Log.HasLoggedErrors;
    }
}
