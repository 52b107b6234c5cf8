//! The agent itself: responds to the programs of its user until it is no longer needed.
//!
//! One thread, and a task for each connection. A connection has two seconds from its acceptance to its response; 64 are
//! served at once, and the others wait in the system's queue, so that a program that opens thousands costs no memory.
//! What is not a frame gets no response. Garbage of one program ends nothing for the others
//! (`garbage_gets_no_key_and_ends_nothing`).
//!
//! The loop wakes for a connection, for the next key that is over, and every ten seconds as long as there are keys:
//! timers of the runtime do not run while the machine sleeps, and a sleep is noticed at the first look after it.
//!
//! With [`Stay::WhileNeeded`] the agent ends when its last key is gone, or when none came within 30 seconds. From the
//! moment in which that is decided nothing more is kept, and a program that puts a key then is told so, and starts a
//! new agent (`an_agent_that_was_started_for_a_key_ends_with_it`).

use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::cache::Cache;
use super::clock::Clock;
use super::message::{Frame, Request, Response, VERSION, copied};
use super::{Listen, Status};

/// How long a program may take for its request.
const PATIENCE: Duration = Duration::from_secs(2);
/// The most programs that are served at once. The next ones wait in the system's queue.
const MAX_CONNECTIONS: usize = 64;
/// How often an agent with keys looks at the clock: timers do not run while the machine is asleep.
const LOOK: Duration = Duration::from_secs(10);
/// How long an agent waits for its first key.
const FIRST_KEY: Duration = Duration::from_secs(30);

/// Whether an agent stays when it has no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stay {
    /// It ends with its last key: it was started for one.
    WhileNeeded,
    /// It stays: somebody else, such as systemd, starts and ends it.
    Always,
}

struct Agent<C> {
    cache: Mutex<State<C>>,
    /// Wakes the loop after every response: a key that was put or forgotten changes when it has to look again.
    changed: Notify,
    is_memory_locked: bool,
    stay: Stay,
}

struct State<C> {
    cache: Cache<C>,
    /// Whether a key was ever kept: before that, having none is no reason to end until `FIRST_KEY` is over.
    had_a_key: bool,
    /// From now on nothing is kept.
    is_ending: bool,
}

/// Responds to every program that connects, until a later version ends it, or it has [no more to
/// do](Stay::WhileNeeded). `is_memory_locked` is what it says of its memory when it is asked.
///
/// # Errors
///
/// What the system says when nobody can connect any more.
pub async fn serve<C: Clock + 'static>(
    listener: &impl Listen,
    cache: Cache<C>,
    stay: Stay,
    is_memory_locked: bool,
) -> io::Result<()> {
    let agent = Arc::new(Agent {
        cache: Mutex::new(State {
            cache,
            had_a_key: false,
            is_ending: false,
        }),
        changed: Notify::new(),
        is_memory_locked,
        stay,
    });
    let mut connections = JoinSet::new();
    let first_key = Instant::now() + FIRST_KEY;
    while let Some(pause) = agent.pause(first_key) {
        while connections.try_join_next().is_some() {}
        if connections.len() >= MAX_CONNECTIONS {
            connections.join_next().await;
            continue;
        }
        let accepted = {
            let (changed, paused) = (pin!(agent.changed.notified()), pin!(sleep(pause)));
            let woken = select(changed, paused);
            match select(pin!(listener.accept()), woken).await {
                Either::Left((stream, _)) => stream?,
                Either::Right(_) => continue,
            }
        };
        let agent = Arc::clone(&agent);
        connections.spawn(async move {
            let mut stream = accepted;
            // A program that is too slow, or speaks something else, gets no response.
            let _ = timeout(PATIENCE, agent.respond(&mut stream)).await;
        });
    }
    // Those who are being served get their response.
    let _ = timeout(PATIENCE, async { while connections.join_next().await.is_some() {} }).await;
    Ok(())
}

impl<C: Clock> Agent<C> {
    /// The cache, for the moment of one request. The lock is never held across an await.
    fn state(&self) -> MutexGuard<'_, State<C>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long nothing has to be done unless somebody asks; `None` at the end.
    fn pause(&self, first_key: Instant) -> Option<Duration> {
        let mut state = self.state();
        let next = state.cache.next_end();
        let is_done = next.is_none() && (state.had_a_key || Instant::now() >= first_key);
        state.is_ending |= is_done && self.stay == Stay::WhileNeeded;
        match (state.is_ending, next) {
            (true, _) => None,
            (false, Some(end)) => Some(end.min(LOOK)),
            (false, None) => Some(FIRST_KEY),
        }
    }

    /// Reads one request and writes its response.
    async fn respond<S>(&self, stream: &mut S) -> io::Result<()>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        let frame = Frame::read(stream).await?;
        let response = self.response(&frame);
        response.frame().write(stream).await?;
        // After the response is on its way: the end of the process closes the connection.
        self.changed.notify_one();
        Ok(())
    }

    /// What to respond. Lock and stop come before the version is compared, because every version understands them; a
    /// stop of an earlier version is refused, or two versions would end each other's agents in turn.
    fn response(&self, frame: &Frame) -> Response {
        let mut state = self.state();
        match Request::of_frame(frame) {
            // In every version, so that anybody can lock.
            Some(Request::Lock) => state.cache.clear(),
            // Never for an earlier one, which would start its own agent in place of this one.
            Some(Request::Stop) if frame.version >= VERSION => {
                state.cache.clear();
                state.is_ending = true;
            }
            _ if frame.version != VERSION => return Response::OtherVersion,
            None => return Response::Malformed,
            Some(request) => return self.of_this_version(request, &mut state),
        }
        Response::Done
    }

    /// What only this version means. Lock and stop do not come here.
    fn of_this_version(&self, request: Request, state: &mut State<C>) -> Response {
        let found = |found| if found { Response::Done } else { Response::Unknown };
        match request {
            Request::Get(id) => match state.cache.get(id) {
                Some(key) => copied(key),
                None => Response::Unknown,
            },
            Request::Put(..) | Request::Replace(..) if state.is_ending => Response::Ending,
            Request::Put(id, key, limits) => match state.cache.put(id, key, limits) {
                Ok(()) => {
                    state.had_a_key = true;
                    Response::Done
                }
                Err(_) => Response::Full,
            },
            Request::Replace(old, id, key) => found(state.cache.replace(old, id, key)),
            Request::Forget(id) => found(state.cache.forget(id)),
            _ => Response::Status(Status {
                process: std::process::id(),
                is_memory_locked: self.is_memory_locked,
                stay: self.stay,
                entries: state.cache.status(),
            }),
        }
    }
}
