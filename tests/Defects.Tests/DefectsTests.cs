using Licensing.Tests.Schedules;
using Xunit;

namespace Defects.Tests;

/// <summary>The schedules can fail: one of a few seeds finds each defect that is inserted into the code.</summary>
public sealed class DefectsTests(ITestOutputHelper output) : IDisposable
{
    private const int Seeds = 1_000;

    public static TheoryData<string> All =>
    [
        "no_if_match",
        "receipt_not_read",
        "fold_keeps_seats",
        "fold_forgets_a_row",
        "aside_not_counted",
        "take_not_counted",
        "overdrawn_is_used",
        "one_seat_too_many",
        "refusal_by_one_row",
        "refusal_from_an_old_read",
        "look_before_a_change",
        "answer_from_memory",
        "allotments_not_touched",
        "id_used_twice",
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void A_defect_is_found(string defect)
    {
        Defect.Active = defect;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            try
            {
                Schedule.Run(seed);
            }
            catch (Exception found)
            {
                output.WriteLine($"{defect}: seed {seed}: {found.Message}");
                return;
            }
        }

        Assert.Fail($"{defect} is found by none of {Seeds} seeds.");
    }

    public void Dispose() => Defect.Active = null;
}

/// <summary>The active defect of defects.txt.</summary>
internal static class Defect
{
    public static string? Active { get; set; }

    public static bool Is(string name) => Active == name;
}
