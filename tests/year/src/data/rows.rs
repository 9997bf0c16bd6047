//! Rows of the files, as far as the year needs them. Columns carry the files' own headings.

mod disclosure;
mod evaluation;
mod monitoring;
mod registry;
mod targets;

pub use disclosure::*;
pub use evaluation::*;
pub use monitoring::*;
pub use registry::*;
pub use targets::*;
