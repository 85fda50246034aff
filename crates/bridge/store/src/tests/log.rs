//! The log after a crash: torn, cut, damaged.

use std::path::PathBuf;

use super::support::*;
use crate::OpenError;
use crate::files::simulated::Crash;

/// A machine whose store crashed after three requests of two rows each, and its log.
async fn crashed() -> (Machine, PathBuf) {
    let machine = Machine::new();
    let store = machine.start().await;
    for request in 0..3 {
        let at = request * MINUTE;
        accept(&store, vec![probe("m", at, 1, 1.0), probe("n", at, 1, 2.0)]).await;
    }
    assert_eq!(store.stats().groups, 3);
    drop(store);
    machine.files.crash(Crash::Power);
    let segments = machine.names("log");
    assert_eq!(segments.len(), 1);
    (machine, segments[0].clone())
}

#[tokio::test]
async fn a_log_cut_anywhere_in_its_last_frame_loses_that_frame_alone() {
    let (machine, segment) = crashed().await;
    let bytes = machine.bytes(&segment);
    let last = bytes
        .windows(4)
        .rposition(|window| window == b"TWFR")
        .unwrap();
    for len in last..=bytes.len() {
        let machine = machine.copy();
        machine.files.overwrite(&segment, bytes[..len].to_vec());
        let store = machine.open().await.unwrap();
        let rows = store.stats().head_rows;
        assert!(rows % 2 == 0 && rows <= 6, "{len}: {rows}");
        assert_eq!(rows == 6, len == bytes.len(), "{len}");
        accept(&store, vec![probe("new", 0, 1, 3.0)]).await;
        drop(store);
        let store = machine.open().await.unwrap();
        assert_eq!(store.stats().head_rows, rows + 1, "{len}");
    }
}

#[tokio::test]
async fn every_flipped_bit_of_the_log_is_noticed() {
    let (machine, segment) = crashed().await;
    let bytes = machine.bytes(&segment);
    for at in 0..bytes.len() {
        let machine = machine.copy();
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        machine.files.overwrite(&segment, damaged);
        match machine.open().await {
            Err(OpenError::Damaged { file, offset, .. }) => {
                assert_eq!(file, segment);
                assert!(offset <= at as u64, "byte {at}: {offset}");
            }
            other => panic!("byte {at}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_bad_frame_before_the_last_segment_is_an_error() {
    let (machine, segment) = crashed().await;
    let bytes = machine.bytes(&segment);
    drop(machine.open().await.unwrap()); // begins a second segment
    machine
        .files
        .overwrite(&segment, bytes[..bytes.len() - 1].to_vec());
    let error = machine.open().await.unwrap_err();
    let OpenError::Damaged { file, offset, what } = &error else {
        panic!("{error}");
    };
    assert_eq!(
        (file, what.as_str()),
        (&segment, "a frame's checksum does not match")
    );
    assert!(*offset > 24 && *offset < bytes.len() as u64);
    assert!(
        error.to_string().contains("0000000000000001.log"),
        "{error}"
    );
}

#[tokio::test]
async fn a_missing_segment_is_an_error() {
    let (machine, segment) = crashed().await;
    let store = machine.open().await.unwrap();
    accept(&store, vec![probe("m", HOUR / 10, 1, 1.0)]).await;
    drop(store);
    let files: &dyn crate::files::FileLayer = &machine.files;
    files.remove(&segment).unwrap();
    let error = machine.open().await.unwrap_err();
    assert!(
        error.to_string().contains("segment 1 is missing"),
        "{error}"
    );
}

#[tokio::test]
async fn garbage_behind_the_last_frame_is_cut_off() {
    let (machine, segment) = crashed().await;
    let mut bytes = machine.bytes(&segment);
    let len = bytes.len();
    bytes.extend_from_slice(b"TWFR and what looks like the start of a frame");
    bytes.extend_from_slice(&[0; 4096]);
    machine.files.overwrite(&segment, bytes);
    let store = machine.open().await.unwrap();
    assert_eq!(store.stats().head_rows, 6);
    assert_eq!(machine.bytes(&segment).len(), len);
}
