//! The disk under the data folder: can it be written, is there room, how long until data is safe?

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::statvfs;

use super::finding::Finding;
use super::spread::Spread;
use crate::terminal::millis;

const SPACE: &str = "disk space";
const SAFETY: &str = "disk writes";
const SYNCS: usize = 50;
const BLOCK: [u8; 4096] = [0; 4096];
const GIB: u64 = 1024 * 1024 * 1024;
/// Every acknowledged write waits for one of these.
const SLOW_SYNC_MS: u128 = 50;

/// Examines the folder, or where it does not exist yet, the one in which it will be created.
pub(super) fn examine(data_dir: &Path) -> Vec<Finding> {
    let Some(folder) = existing(data_dir) else {
        let measured = format!("no part of the path {} exists", data_dir.display());
        return vec![Finding::fail(
            SAFETY,
            measured,
            "choose another folder with --data-dir",
        )];
    };
    vec![
        writes(&folder, syncs(&folder)),
        space(&folder, free(&folder)),
    ]
}

fn existing(data_dir: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(data_dir).ok()?;
    absolute
        .ancestors()
        .find(|folder| folder.is_dir())
        .map(Path::to_owned)
}

/// How long it takes until appended blocks are on the disk.
fn syncs(folder: &Path) -> io::Result<Option<Spread>> {
    let path = folder.join(format!(".tidewatch-doctor-{}", std::process::id()));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)?;
    let measured = append(file);
    // Removed also when writing failed, so that nothing stays behind.
    fs::remove_file(&path)?;
    measured.map(Spread::of)
}

fn append(mut file: File) -> io::Result<Vec<std::time::Duration>> {
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.write_all(&BLOCK)?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    Ok(times)
}

fn writes(folder: &Path, syncs: io::Result<Option<Spread>>) -> Finding {
    let place = folder.display();
    match syncs {
        Err(error) => Finding::fail(
            SAFETY,
            format!("{place} cannot be written: {error}"),
            "make the folder writable for this user, or choose another with --data-dir",
        ),
        Ok(None) => Finding::warn(SAFETY, "nothing was measured", "run this again"),
        Ok(Some(Spread { p50, p99 })) => {
            let measured = format!(
                "appended data is safe after {} (median), {} (p99) in {place}",
                millis(p50),
                millis(p99)
            );
            if p99.as_millis() <= SLOW_SYNC_MS {
                return Finding::ok(SAFETY, measured);
            }
            let remedy = "keep the data on a faster disk: every write waits for this";
            Finding::warn(SAFETY, measured, remedy)
        }
    }
}

fn free(folder: &Path) -> io::Result<u64> {
    let volume = statvfs(folder)?;
    Ok(volume.f_bavail.saturating_mul(volume.f_frsize))
}

fn space(folder: &Path, free: io::Result<u64>) -> Finding {
    let place = folder.display();
    let remedy = "free some space, or choose another folder with --data-dir";
    match free {
        Err(error) => Finding::warn(
            SPACE,
            format!("the room in {place} cannot be told: {error}"),
            "look at it with `df`",
        ),
        Ok(free) => {
            let measured = format!("{:.1} GiB free in {place}", free as f64 / GIB as f64);
            match free {
                free if free < GIB / 10 => Finding::fail(SPACE, measured, remedy),
                free if free < 2 * GIB => Finding::warn(SPACE, measured, remedy),
                _ => Finding::ok(SPACE, measured),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Status;

    #[test]
    fn a_folder_that_is_to_be_created_is_examined_where_it_will_be() {
        let folder = tempfile::tempdir().unwrap();
        let findings = examine(&folder.path().join("a/b"));
        assert_eq!(findings[0].check, SAFETY);
        assert_ne!(findings[0].status, Status::Fail, "{findings:?}");
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 0, "nothing stays behind");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_a_failure() {
        let denied = Err(io::Error::from(io::ErrorKind::PermissionDenied));
        let finding = writes(Path::new("/data"), denied);
        assert_eq!(finding.status, Status::Fail);
        assert_eq!(
            finding.measured,
            "/data cannot be written: permission denied"
        );
    }

    #[test]
    fn little_room_is_a_warning_and_none_a_failure() {
        let status = |free| space(Path::new("/data"), Ok(free)).status;
        assert_eq!(status(GIB / 20), Status::Fail);
        assert_eq!(status(GIB), Status::Warn);
        assert_eq!(status(9 * GIB), Status::Ok);
    }
}
