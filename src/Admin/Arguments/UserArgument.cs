using System.CommandLine;

namespace Admin.Arguments;

/// <summary>The id or e-mail address of the user that a command works on.</summary>
internal sealed class UserArgument : Argument<UserReference>
{
    public UserArgument()
        : base("user")
    {
        Description = "The user's id or e-mail address.";
        CustomParser = ValueParser.UserReference!;
    }
}
