using System.CommandLine;

namespace Admin.Arguments;

/// <summary>The user that a command works on, by id or e-mail address.</summary>
internal sealed class UserArgument : Argument<UserReference>
{
    public UserArgument()
        : base("user")
    {
        Description = "The user's id or e-mail address.";
        CustomParser = ValueParser.UserReference!;
    }
}
