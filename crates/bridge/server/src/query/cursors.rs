//! The results that have pages left.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::cursor::Cursor;

/// The open cursors by query id: so many at most, and each until nobody asked for it for as long
/// as its tokens are valid.
#[derive(Debug)]
pub(crate) struct Cursors {
    open: Mutex<HashMap<String, Open>>,
    capacity: usize,
    lifetime: Duration,
}

#[derive(Debug)]
struct Open {
    cursor: Arc<Cursor>,
    /// When it was last asked for, in nanoseconds since the Unix epoch.
    touched: i64,
}

impl Cursors {
    pub(crate) fn new(capacity: usize, lifetime: Duration) -> Cursors {
        Cursors {
            open: Mutex::default(),
            capacity: capacity.max(1),
            lifetime,
        }
    }

    /// Keeps a cursor; lets go of those that expired, and of the one that was asked for longest
    /// ago if they are still too many.
    pub(crate) fn insert(&self, cursor: Arc<Cursor>, now: i64) {
        let mut open = self.open.lock();
        open.retain(|_, entry| !self.expired(entry, now));
        while open.len() >= self.capacity {
            let oldest = open
                .iter()
                .min_by_key(|(_, entry)| entry.touched)
                .map(|(id, _)| id.clone());
            if let Some(evicted) = oldest.and_then(|id| open.remove(&id)) {
                evicted.cursor.stop();
            }
        }
        open.insert(
            cursor.id().to_owned(),
            Open {
                cursor,
                touched: now,
            },
        );
    }

    /// The cursor of a query, which counts as being asked for.
    pub(crate) fn get(&self, id: &str, now: i64) -> Option<Arc<Cursor>> {
        let mut open = self.open.lock();
        open.retain(|_, entry| !self.expired(entry, now));
        let entry = open.get_mut(id)?;
        entry.touched = now;
        Some(entry.cursor.clone())
    }

    /// How many there are.
    pub(crate) fn open(&self) -> usize {
        self.open.lock().len()
    }

    /// Lets go of all.
    pub(crate) fn clear(&self) {
        for (_, entry) in self.open.lock().drain() {
            entry.cursor.stop();
        }
    }

    fn expired(&self, entry: &Open, now: i64) -> bool {
        now.checked_sub(entry.touched)
            .and_then(|age| u128::try_from(age).ok())
            .is_some_and(|age| age > self.lifetime.as_nanos())
    }
}

#[cfg(test)]
mod tests;
