//! Reports for people: described once, and written as one HTML page or as Markdown (ADR 0029).
//!
//! ```
//! use zkvault::report::{Column, Fact, Report, Table};
//!
//! let mut report = Report::new("Who can reach what", "acme.logmeonce.com", 1_767_225_600);
//! report.facts([Fact::new("Sites", "1")]);
//! let mut sites = Table::new("Sites", [Column::text("Site"), Column::number("Readers")]);
//! sites.row(["<script>alert(1)</script>".into(), 3_u64.into()]);
//! report.table(sites);
//! assert!(report.html().contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
//! assert!(report.markdown().starts_with("# Who can reach what\n"));
//! ```
//!
//! What is put into a report is text: names of a service cannot become markup, links, or marks that turn the reading
//! direction. The page loads nothing and sends nothing, its policy permits exactly its own script and style, and the
//! same report is always the same bytes. A report is a plain file that people pass on: never put a secret into one.

mod html;
mod markdown;
mod model;
mod text;

pub use self::model::{Bars, Cell, Column, ColumnKind, Fact, Finding, Layout, Level, Part, Report, Step, Table};
