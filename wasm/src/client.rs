//! Services and storages. What waits for the host holds JavaScript's objects, which cannot leave their thread; natively a
//! transport must be able to. So there is nothing of this natively, except the tests of a task.

#[cfg(target_arch = "wasm32")]
mod account;
#[cfg(target_arch = "wasm32")]
mod aside;
#[cfg(target_arch = "wasm32")]
mod container;
#[cfg(target_arch = "wasm32")]
mod host;
#[cfg(target_arch = "wasm32")]
mod logmeonce;
#[cfg(target_arch = "wasm32")]
mod loome;
#[cfg(any(target_arch = "wasm32", test))]
mod task;

#[cfg(target_arch = "wasm32")]
pub use {container::Container, logmeonce::LogMeOnce, loome::Loome, task::Task};
