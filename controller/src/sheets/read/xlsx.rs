//! `.xlsx` and `.xlsm`, read in one pass: memory for the shared strings and one tag. Only the parts that say something
//! about cells are unpacked; macros and pictures are never looked at. Calamine is not used here, though it reads `.xls`:
//! it has to be kept from hostile files by a look at each part before it, which made two passes of one and cost 1.7
//! times its own cell reader, and it gives up on a file for one odd cell.

use super::error::ReadError;
use super::gather::Gather;
use super::header::Origin;
use super::package::Package;
use super::tags::Tags;
use super::{Kind, Source};

mod book;
mod cells;
mod strings;
mod styles;

use book::Book;
use cells::Cells;
use strings::Strings;
use styles::Styles;

pub(super) fn read(source: Source<'_>, gather: &mut Gather<'_>) -> Result<(), ReadError> {
    let mut package = Package::open(source)?;
    package.check_sizes(gather.limits)?;
    let mut parts = Parts {
        package,
        left: gather.limits.unpacked_bytes,
    };
    let book = Book::read(&mut parts)?;
    let strings = match &book.strings {
        Some(name) => parts.read(name, |tags| Strings::read(tags, gather.limits))?,
        None => Strings::default(),
    };
    let styles = match &book.styles {
        Some(name) => parts.read(name, Styles::read)?,
        None => Styles::default(),
    };
    let names: Vec<String> = book.sheets.iter().map(|sheet| sheet.name.clone()).collect();
    for (at, sheet) in book.sheets.iter().enumerate() {
        gather.begin_sheet(Origin::among(Kind::Xlsx, &names, at));
        parts.read(&sheet.part, |tags| {
            Cells::new(&strings, &styles, book.counts_from_1904).read(tags, gather)
        })?;
        gather.end_sheet()?;
        if gather.is_over() {
            break;
        }
    }
    Ok(())
}

/// The workbook's parts, and how much may still be unpacked of them, one after the other.
struct Parts<'s> {
    package: Package<'s>,
    left: u64,
}

impl Parts<'_> {
    fn has(&self, name: &str) -> bool {
        self.package.has(name)
    }

    fn read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Tags<'_>) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let mut tags = Tags::new(self.package.part(name)?, self.left)?;
        let done = read(&mut tags)?;
        self.left = self.left.saturating_sub(tags.taken());
        Ok(done)
    }
}
