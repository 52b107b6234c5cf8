//! An organisation at the service as one value: read whole, and written as a file that people review (ADR 0027).
//!
//! ```no_run
//! # async fn example(account: &zkvault::account::Account) -> Result<(), Box<dyn std::error::Error>> {
//! use zkvault::org::{self, FileFormat};
//! use zkvault::progress::NoProgress;
//!
//! let reading = org::read(&account.logmeonce(), &NoProgress).await?;
//! let text = org::write("acme.logmeonce.com", &reading, FileFormat::Yaml)?;
//! # Ok(())
//! # }
//! ```

mod apply;
mod error;
mod file;
mod model;
mod names;
mod plan;
mod read;

pub(crate) use self::apply::UNCHANGED;
pub use self::apply::{Applied, Outcome, apply, apply_to_user};
pub use self::error::{Fault, OrgError};
pub use self::file::{
    FileFormat, GroupEntry, MAX_FILE_LEN, OrgFile, Pairs, Permissions, SiteEntry, Text, UserEntry, VERSION, write,
};
pub use self::model::{FIRST_NEW_ID, Field, Organisation, Person, Place, Relation, Right, Rights, Team, Tie};
pub use self::names::{Names, Suggestions};
pub use self::plan::{Change, Described, Edit, Limit, Line, Plan, SavedPlan, Sign, State, Words, plan};
pub(crate) use self::read::{AT_A_TIME, MAX_IDS, effective, passable};
pub use self::read::{Gap, Missing, Reading, read, read_of_user};
