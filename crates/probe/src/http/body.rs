//! The body of a request.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::meter::Meter;

/// The body of a request: all at once, or nothing.
pub(super) struct RequestBody {
    data: Option<Bytes>,
    meter: Meter,
}

impl RequestBody {
    /// `data` as the body of the exchange that `meter` measures.
    pub(super) fn new(data: Option<Bytes>, meter: Meter) -> Self {
        let data = data.filter(|data| !data.is_empty());
        if data.is_none() {
            meter.body_taken();
        }
        RequestBody { data, meter }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = self.data.take();
        self.meter.body_taken();
        Poll::Ready(data.map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}
