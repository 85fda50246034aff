//! Committed Parquet files: from their bytes to rows, replaced rows and merged files.
//!
//! The first byte of an input chooses a file of the folder, the others take its place. Checksums
//! would keep every changed byte from the reader, so they are those of the changed file: the sums
//! of the identity index and of the blocks are put where they belong, and the catalog gets the length
//! and the sum of the tail, and its own seal. `docs/file-format.md` has the forms.

mod catalog;

use libfuzzer_sys::Corpus;
use tidewatch_store::{Measures, Record, Store, Value};
use tokio::runtime::{Builder, Runtime};

use super::Target;
use crate::folder::{self, Folder, NOW};

const BLOCK: usize = 16 * 1024;
const SUM: usize = 4;
/// What an identity index begins with.
const INDEX: &[u8] = b"TWIX";
const MINUTE: i64 = 60 * 1_000_000_000;

pub(crate) struct Parquet {
    folder: Folder,
    runtime: Runtime,
    files: Vec<File>,
}

/// A Parquet file of the folder.
struct File {
    path: String,
    bytes: Vec<u8>,
    /// Its number in the catalog.
    number: u64,
    /// Where its identity index begins, which ends where its tail begins.
    index: usize,
    tail: usize,
}

impl Parquet {
    pub(crate) fn new() -> Parquet {
        let folder = Folder::new();
        folder.reset();
        let files = folder
            .files()
            .iter()
            .filter(|(path, _)| path.ends_with(".parquet"))
            .map(|(path, bytes)| {
                let number = path
                    .rsplit('-')
                    .next()
                    .and_then(|end| end.strip_suffix(".parquet"));
                let number = number.and_then(|digits| digits.parse().ok());
                let number = number.expect("the name ends with a number");
                let tail = catalog::tail(folder.path(), number);
                let index = bytes[..tail]
                    .windows(INDEX.len())
                    .rposition(|four| four == INDEX);
                File {
                    path: path.clone(),
                    bytes: bytes.clone(),
                    number,
                    index: index.expect("every file has an identity index"),
                    tail,
                }
            })
            .collect();
        Parquet {
            folder,
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be made"),
            files,
        }
    }
}

/// The content in place of a file, with the sums that belong to it, and the sum of its tail.
fn sealed(content: &[u8], file: &File) -> (Vec<u8>, u32) {
    let mut bytes = content.to_vec();
    if bytes.len() < file.tail {
        bytes.resize(file.tail, 0);
    }
    let (blocks, end) = bytes.split_at_mut(file.tail);
    let (index, sum) = blocks[file.index..].split_at_mut(file.tail - file.index - SUM);
    sum.copy_from_slice(&crc32c::crc32c(index).to_le_bytes());
    for (block, sum) in blocks.chunks(BLOCK).zip(end.chunks_exact_mut(SUM)) {
        sum.copy_from_slice(&crc32c::crc32c(block).to_le_bytes());
    }
    let sum = crc32c::crc32c(end);
    (bytes, sum)
}

/// Rows of the identities that the folder's files hold, which have to be looked up in them.
fn known_records() -> Vec<Record> {
    let own = |text: &str| text.to_owned();
    let record = |monitor: String, measure: &str, time, measures| Record {
        dimensions: vec![(own("tenant"), own("acme")), (own("monitor_id"), monitor)],
        measure_name: own(measure),
        time,
        version: 2,
        measures,
    };
    (0..12)
        .map(|n| {
            let values = vec![(own("a_bigint"), Value::Bigint(n))];
            record(
                format!("m{}", n % 4),
                "probe",
                NOW - n * 20 * MINUTE,
                Measures::Multi(values),
            )
        })
        .collect()
}

/// Asks everything of a store that reads its files. What it answers is not known; that it answers
/// is the promise.
async fn ask(store: &Store) {
    for table in store.list_tables(None).unwrap_or_default() {
        let of = (table.database.as_str(), table.name.as_str());
        for statement in [
            "SELECT * FROM t".to_owned(),
            "SELECT monitor_id, count(*) FROM t WHERE measure_name = 'probe' GROUP BY 1".to_owned(),
            format!(
                "SELECT time FROM t WHERE monitor_id = 'm1' AND time >= to_timestamp_nanos({})",
                NOW - 90 * MINUTE
            ),
        ] {
            let _ = folder::count(store, of.0, of.1, &statement).await;
        }
        let _ = store.write(of.0, of.1, known_records()).await;
    }
    let _ = store.check().await;
    let _ = store.flush().await;
    let _ = folder::rows(store).await;
}

impl Target for Parquet {
    fn run(&self, input: &[u8]) -> Corpus {
        let Some((choice, content)) = input.split_first() else {
            return Corpus::Reject;
        };
        let Some(file) = self.files.get(usize::from(*choice)) else {
            return Corpus::Reject;
        };
        let (bytes, sum) = sealed(content, file);
        self.folder.reset();
        self.folder.put(&file.path, &bytes);
        catalog::reseal(self.folder.path(), file.number, bytes.len(), file.tail, sum);
        self.runtime.block_on(async {
            match folder::open(self.folder.path()).await {
                Ok(store) => {
                    ask(&store).await;
                    store.close().await.expect("an open store can be closed");
                }
                // A row of the log may replace one of the file.
                Err(error) => {
                    let told = folder::told(&error);
                    let name = file.path.rsplit('/').next().unwrap_or_default();
                    assert!(told.contains(name), "`{told}` does not name `{name}`");
                }
            }
        });
        Corpus::Keep
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        (0..)
            .zip(&self.files)
            .map(|(choice, file)| [&[choice], &file.bytes[..]].concat())
            .collect()
    }

    fn words(&self) -> Vec<Vec<u8>> {
        let words: [&[u8]; 8] = [
            b"PAR1",
            b"TWIX",
            b"ARROW:schema",
            b"tidewatch.identity_index",
            b"measure_name",
            b"ts_version",
            b"monitor_id",
            b"time",
        ];
        words.map(<[u8]>::to_vec).to_vec()
    }
}
