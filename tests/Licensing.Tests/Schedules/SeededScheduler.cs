namespace Licensing.Tests.Schedules;

/// <summary>Runs tasks on demand, one at a time, on the calling thread.</summary>
internal sealed class SeededScheduler : TaskScheduler
{
    private readonly List<Task> _tasks = [];

    public int Count => _tasks.Count;

    public void Run(int index)
    {
        Task task = _tasks[index];
        _tasks.RemoveAt(index);
        TryExecuteTask(task);
    }

    public Task<T> Start<T>(Func<Task<T>> action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    protected override void QueueTask(Task task) => _tasks.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks;
}
