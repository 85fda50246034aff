//! What a process used, as the kernel accounts for it (proc(5)).

use std::time::Duration;

use crate::Outcome;

/// The CPU time, user and system, of a process and all its threads; `pid` may be `self`.
/// In steps of 10 ms.
pub(crate) fn cpu(pid: &str) -> Outcome<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the command in parentheses, which may have spaces.
    let (_, rest) = stat
        .rsplit_once(") ")
        .ok_or("/proc/PID/stat has no command")?;
    let mut ticks = rest.split(' ').skip(11).map(str::parse::<u64>);
    match (ticks.next(), ticks.next()) {
        (Some(user), Some(system)) => Ok(Duration::from_millis(10 * (user? + system?))),
        _ => Err("/proc/PID/stat ends before the times".into()),
    }
}

/// The memory that a process had at most, in KiB.
pub(crate) fn peak_memory_kib(pid: &str) -> Outcome<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .ok_or("/proc/PID/status has no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
