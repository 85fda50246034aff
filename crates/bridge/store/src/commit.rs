//! The committer: the one thread that changes tables.
//!
//! Writes that arrive while it waits for the disk become one group: judged in order of arrival,
//! logged in one frame, synced once, then shown to readers, then acknowledged. Everything else
//! that changes a table runs on the same thread between two groups.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::error::{CatalogError, WriteError};
use crate::files::FileError;
use crate::judge::Window;
use crate::log::{FrameBuffer, Log};
use crate::record::{Record, Written};
use crate::shared::Shared;
use crate::table::{TableHandle, Writer};

/// Records of a group at most; more wait for the next one.
const GROUP_RECORDS: usize = 20_000;
/// Bytes of a group's frame from which on more requests wait for the next one.
const GROUP_BYTES: usize = 16 << 20; // 16 MiB

/// A request for the committer.
pub(crate) enum Command {
    Write(Write),
    /// Runs between two groups.
    Run(Box<dyn FnOnce(&mut Committer) + Send>),
    Stop,
}

/// Records for one table.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) table: Arc<TableHandle>,
    pub(crate) records: Vec<Record>,
    /// The series of each record.
    pub(crate) series: Vec<u128>,
    pub(crate) answer: oneshot::Sender<Result<Written, WriteError>>,
}

#[derive(Debug)]
pub(crate) struct Committer {
    pub(crate) shared: Arc<Shared>,
    log: Log,
    frame: FrameBuffer,
    /// The segment that began when rows were last set aside, while they still are.
    frozen_at: Option<u64>,
}

impl Committer {
    pub(crate) fn new(shared: Arc<Shared>, log: Log) -> Committer {
        Committer {
            shared,
            log,
            frame: FrameBuffer::new(),
            frozen_at: None,
        }
    }

    /// Works until it is told to stop or nobody is left to tell it anything.
    pub(crate) fn run(mut self, commands: &Receiver<Command>) {
        let mut next = commands.recv().ok();
        while let Some(command) = next.take() {
            match command {
                Command::Stop => break,
                Command::Run(run) => run(&mut self),
                Command::Write(first) => next = self.commit(first, commands),
            }
            if next.is_none() {
                next = commands.recv().ok();
            }
        }
    }

    /// Commits a group and returns the command that ended it, if one did.
    fn commit(&mut self, first: Write, commands: &Receiver<Command>) -> Option<Command> {
        let mut group = Group::default();
        self.frame.clear();
        let mut size = first.records.len();
        self.judge(first, &mut group);
        let next = loop {
            if size >= GROUP_RECORDS || self.frame.payload().len() >= GROUP_BYTES {
                break None;
            }
            match commands.try_recv() {
                Ok(Command::Write(write)) => {
                    size += write.records.len();
                    self.judge(write, &mut group);
                }
                Ok(other) => break Some(other),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break None,
            }
        };
        self.finish(group);
        next
    }

    fn judge(&mut self, write: Write, group: &mut Group) {
        let counters = &self.shared.counters;
        counters.queued.fetch_sub(write.records.len(), Relaxed);
        if let Some(reason) = self.shared.health.read_only() {
            let _ = write.answer.send(Err(WriteError::ReadOnly { reason }));
            return;
        }
        let definition = write.table.definition.read().clone();
        if write.table.is_deleted() {
            let error = CatalogError::TableNotFound {
                database: definition.database,
                table: definition.name,
            };
            let _ = write.answer.send(Err(error.into()));
            return;
        }
        let options = &self.shared.options;
        let writer = Writer {
            table: write.table.id,
            window: Window::new(&definition, options, options.clock.now()),
            partition_key: &definition.partition_key,
        };
        let written = {
            let mut state = write.table.state.lock();
            let before = state.head_bytes();
            let payload = self.frame.payload();
            let written = writer.write(&mut state, &write.records, &write.series, payload);
            counters
                .head_bytes
                .fetch_add(state.head_bytes() - before, Relaxed);
            written
        };
        match written {
            Ok(written) => {
                group.tables.insert(write.table.id, write.table);
                group.answers.push((write.answer, written));
            }
            Err(error) => {
                let _ = write.answer.send(Err(WriteError::Unreadable(error)));
            }
        }
    }

    fn finish(&mut self, group: Group) {
        if let Err(error) = self.log_frame() {
            let error = Arc::new(error);
            self.shared
                .health
                .fail(format!("the write-ahead log could not be written: {error}"));
            for (answer, _) in group.answers {
                let _ = answer.send(Err(WriteError::Io(error.clone())));
            }
            return;
        }
        for table in group.tables.values() {
            table.state.lock().publish();
        }
        let counters = &self.shared.counters;
        counters.groups.fetch_add(1, Relaxed);
        for (answer, written) in group.answers {
            let accepted = written.memory_store + written.magnetic_store;
            counters.accepted.fetch_add(accepted as u64, Relaxed);
            let rejected = written.rejected.len();
            counters.rejected.fetch_add(rejected as u64, Relaxed);
            // Whoever stopped waiting has what they wrote all the same.
            let _ = answer.send(Ok(written));
        }
        if counters.head_bytes.load(Relaxed) >= self.shared.options.head_bytes {
            self.shared.flush_wanted.notify_one();
        }
    }

    fn log_frame(&mut self) -> std::io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        let frame = self
            .frame
            .seal()
            .ok_or_else(|| std::io::Error::other("a group of writes exceeds 4 GiB"))?;
        let begin = Instant::now();
        self.log.append(frame)?;
        let took = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        let counters = &self.shared.counters;
        counters.log_syncs.fetch_add(1, Relaxed);
        counters.log_sync_micros.fetch_add(took, Relaxed);
        counters.log_bytes.fetch_add(frame.len() as u64, Relaxed);
        Ok(())
    }

    /// The segment that is written to, and how much of it was written.
    pub(crate) fn segment(&self) -> (u64, u64) {
        (self.log.number(), self.log.len())
    }

    /// Sets the rows of all tables aside for a flush. Returns the first segment of the log that
    /// has none of them, or `None` when there are none.
    pub(crate) fn freeze(&mut self) -> Result<Option<u64>, FileError> {
        let tables = self.shared.catalog.tables();
        let any = |has: fn(&crate::table::TableState) -> bool| {
            tables.iter().any(|table| has(&table.state.lock()))
        };
        if self.frozen_at.is_none() && any(crate::table::TableState::has_active) {
            let number = self.log.roll().inspect_err(|error| {
                self.shared.health.fail(format!(
                    "a segment of the write-ahead log could not be started: {}",
                    error.source
                ));
            })?;
            let counters = &self.shared.counters;
            counters.last_segment.store(number, Relaxed);
            counters.log_bytes.fetch_add(self.log.len(), Relaxed);
            for table in &tables {
                table.state.lock().freeze();
            }
            self.frozen_at = Some(number);
        }
        Ok(self.frozen_at)
    }

    /// The rows set aside are in files.
    pub(crate) fn thaw(&mut self) {
        self.frozen_at = None;
    }
}

/// Requests that are made durable together.
#[derive(Debug, Default)]
struct Group {
    tables: BTreeMap<u32, Arc<TableHandle>>,
    answers: Vec<(oneshot::Sender<Result<Written, WriteError>>, Written)>,
}
