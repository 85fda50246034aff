//! The write-ahead log: from the bytes of a segment to an open store.
//!
//! An input that begins as a segment does is one, byte by byte. Any other input is a sequence of
//! payloads, each after the marker of a frame; they get the lengths and checksums that belong to
//! them, so that mutations reach what lies behind the checksum. `docs/file-format.md` has the form.

use libfuzzer_sys::Corpus;
use tokio::runtime::{Builder, Runtime};

use super::Target;
use crate::folder::{self, Folder};

const MAGIC: &[u8] = b"TIDELOG\0";
const MARKER: &[u8] = b"TWFR";
const HEADER: usize = 24;
const FRAME_HEADER: usize = 12;

pub(crate) struct Log {
    folder: Folder,
    runtime: Runtime,
    /// The segment of the folder: its path, and its bytes.
    segment: (String, Vec<u8>),
}

impl Log {
    pub(crate) fn new() -> Log {
        let folder = Folder::new();
        let segment = folder
            .files()
            .iter()
            .find(|(name, _)| name.starts_with("log/"));
        let segment = segment.expect("the folder has a log").clone();
        Log {
            folder,
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be made"),
            segment,
        }
    }

    fn bytes(&self, input: &[u8]) -> Vec<u8> {
        if input.starts_with(MAGIC) {
            return input.to_vec();
        }
        let mut segment = self.segment.1[..HEADER].to_vec();
        for payload in split(input) {
            let Ok(length) = u32::try_from(payload.len()) else {
                continue;
            };
            let length = length.to_le_bytes();
            let sum = crc32c::crc32c_append(crc32c::crc32c(&length), payload);
            segment.extend_from_slice(MARKER);
            segment.extend_from_slice(&length);
            segment.extend_from_slice(&sum.to_le_bytes());
            segment.extend_from_slice(payload);
        }
        segment
    }

    /// Rows that a store has after it was opened; `None` when it is not opened.
    async fn recover(&self) -> Option<usize> {
        let store = match folder::open(self.folder.path()).await {
            Ok(store) => store,
            Err(error) => {
                assert!(!error.to_string().is_empty(), "an error says what is wrong");
                return None;
            }
        };
        let rows = folder::rows(&store)
            .await
            .expect("recovered rows can be read");
        store.close().await.expect("an open store can be closed");
        Some(rows)
    }
}

/// The parts of an input, which the marker separates.
fn split(input: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = input;
    while let Some(at) = rest
        .windows(MARKER.len())
        .position(|window| window == MARKER)
    {
        parts.push(&rest[..at]);
        rest = &rest[at + MARKER.len()..];
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts
}

impl Target for Log {
    fn run(&self, input: &[u8]) -> Corpus {
        self.folder.reset();
        self.folder.put(&self.segment.0, &self.bytes(input));
        self.runtime.block_on(async {
            let Some(rows) = self.recover().await else {
                return;
            };
            assert_eq!(
                self.recover().await,
                Some(rows),
                "what was recovered once is recovered again"
            );
            let Ok(store) = folder::open(self.folder.path()).await else {
                panic!("a store that was opened twice is opened a third time");
            };
            if store.flush().await.is_ok() {
                let flushed = folder::rows(&store).await;
                assert_eq!(flushed, Ok(rows), "a flush loses no rows");
            }
            store.close().await.expect("an open store can be closed");
        });
        Corpus::Keep
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let whole = self.segment.1.clone();
        let mut frames = Vec::new();
        let mut rest = &whole[HEADER..];
        while let Some((header, behind)) = rest.split_at_checked(FRAME_HEADER) {
            let length: [u8; 4] = header[4..8].try_into().expect("four bytes are four");
            let (payload, next) = behind.split_at(u32::from_le_bytes(length) as usize);
            frames.extend_from_slice(MARKER);
            frames.extend_from_slice(payload);
            rest = next;
        }
        let torn = whole[..whole.len() - 7].to_vec();
        vec![whole, frames, torn]
    }

    fn words(&self) -> Vec<Vec<u8>> {
        let words: [&[u8]; 6] = [
            MAGIC,
            MARKER,
            b"probe",
            b"monitor_id",
            b"tenant",
            b"measure_value::double",
        ];
        words.map(<[u8]>::to_vec).to_vec()
    }
}
