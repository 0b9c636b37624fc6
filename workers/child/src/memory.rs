//! Memory that ran out.

/// How often the system has killed a process of ours for want of memory, where it can be known.
pub fn out_of_memory_kills() -> Option<u64> {
    ["/sys/fs/cgroup/memory.events", "/proc/vmstat"].into_iter().find_map(|file| {
        let counters = std::fs::read_to_string(file).ok()?;
        counters.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
    })
}
