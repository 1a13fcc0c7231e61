//! Accounts sheets: files in, rows out, and back. Pure: it knows no store, no HTTP, and no rule about which account a
//! row means. Whatever the file, reading it ends with rows or with an error that says what to do, within the caps of
//! [`Limits`].

mod column;
mod flaw;
mod guard;
mod limits;
mod read;
mod row;
mod write;

pub use column::{Column, letters};
pub use flaw::{Flaw, FlawKind, Severity};
pub use limits::Limits;
pub use read::{
    Delimiter, Done, Encoding, EncodingSample, Header, Item, Kind, Notice, ReadError, ReadOptions, read,
    read_file,
};
pub use row::{Cell, SheetRow};
pub use write::{Format, Language, OutCell, OutRow, Scratch, SheetWriter, WriteError, WriteOptions};

#[cfg(test)]
mod tests;
