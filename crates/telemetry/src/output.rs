//! Where lines go: standard output, of which CloudWatch makes one log event for each line.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Takes whole lines, one after another, also from several threads.
#[derive(Clone)]
pub(crate) struct Output(Arc<Mutex<dyn Write + Send>>);

impl Output {
    pub(crate) fn stdout() -> Self {
        Output::to(io::stdout())
    }

    pub(crate) fn to(target: impl Write + Send + 'static) -> Self {
        Output(Arc::new(Mutex::new(target)))
    }

    /// Writes `line` and a line feed at once.
    ///
    /// Errors: none. A line that cannot be written is lost: there is no other place to say so,
    /// and no invocation may fail for it.
    pub(crate) fn line(&self, mut line: String) {
        line.push('\n');
        let mut target = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = target
            .write_all(line.as_bytes())
            .and_then(|()| target.flush());
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Output")
    }
}

/// Gathers the pieces of one line of text for [`Output::line`].
#[derive(Debug)]
pub(crate) struct LineWriter {
    output: Output,
    pending: Vec<u8>,
}

impl LineWriter {
    pub(crate) fn new(output: Output) -> Self {
        LineWriter {
            output,
            pending: Vec::new(),
        }
    }
}

impl Write for LineWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LineWriter {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.pending);
        let line = text.trim_end_matches('\n');
        if !line.is_empty() {
            self.output.line(line.to_owned());
        }
    }
}

#[cfg(test)]
pub(crate) mod captured {
    use super::{Arc, Mutex, Output, PoisonError, Write, io};

    /// What was written, for tests.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Captured {
        pub(crate) fn output(&self) -> Output {
            Output::to(self.clone())
        }

        pub(crate) fn lines(&self) -> Vec<String> {
            let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let text = String::from_utf8(bytes.clone()).unwrap();
            text.lines().map(str::to_owned).collect()
        }

        /// The lines as JSON; each must be an object.
        pub(crate) fn objects(&self) -> Vec<serde_json::Map<String, serde_json::Value>> {
            let lines = self.lines();
            lines
                .iter()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect()
        }
    }

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
