//! Services and storages.

mod account;
mod container;
mod host;
mod logmeonce;
mod loome;
mod task;

pub use container::Container;
pub use logmeonce::LogMeOnce;
pub use loome::Loome;
pub use task::Task;
