//! Futures that JavaScript drives.
//!
//! A task is polled by the package's JavaScript whenever something that it waits for has come. So there is no executor
//! in the module, a trap in the middle reaches the caller like every other, the stack is wiped after each step, and a
//! task that is given up is freed there and then, with all that it holds.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::Array;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::error::{Error, Result};

/// Something under way. Freeing it gives it up.
#[wasm_bindgen]
pub struct Task {
    /// None once it has ended.
    future: Option<Pin<Box<dyn Future<Output = Result<JsValue>>>>>,
}

impl Task {
    pub(crate) fn new(future: impl Future<Output = Result<JsValue>> + 'static) -> Self {
        let future: Pin<Box<dyn Future<Output = Result<JsValue>>>> = Box::pin(future);
        Self { future: Some(future) }
    }
}

#[wasm_bindgen]
impl Task {
    /// Continues as far as possible: an array of the result at its end, and nothing while it waits.
    ///
    /// # Errors
    /// That of the task.
    pub fn poll(&mut self) -> std::result::Result<Option<Array>, Error> {
        let Some(future) = &mut self.future else {
            return Ok(None);
        };
        // The waiting future asks the host itself, at every poll: no waker is needed.
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Ok(None),
            Poll::Ready(result) => {
                self.future = None;
                result.map(|value| Some(Array::of1(&value)))
            }
        }
    }
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { future } = self;
        f.debug_struct("Task").field("ended", &future.is_none()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn a_task_that_is_given_up_drops_what_it_holds() {
        let held = Rc::new(Cell::new(0));
        let inside = Rc::clone(&held);
        let mut task = Task::new(async move {
            inside.set(1);
            std::future::pending::<()>().await;
            Ok(JsValue::UNDEFINED)
        });
        assert!(task.poll().unwrap().is_none());
        assert_eq!((held.get(), Rc::strong_count(&held)), (1, 2));
        drop(task);
        assert_eq!(Rc::strong_count(&held), 1);
    }

    #[test]
    fn an_error_ends_a_task() {
        let mut task = Task::new(async { Err(Error::new("network", "x")) });
        assert_eq!(task.poll().unwrap_err().code(), "network");
        assert!(task.poll().unwrap().is_none());
    }
}
