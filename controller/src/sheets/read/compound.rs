//! The container of `.xls` files and of encrypted workbooks: streams by name. Read leniently, as spreadsheet programs do
//! (some write tables longer than the file), and never further than the bytes that are there.

/// A sector's number from here on is none.
const LAST_SECTOR: u32 = 0xffff_fffa;
const HEADER: usize = 512;
const ENTRY: usize = 128;
/// Table sectors that the header itself names.
const NAMED_TABLES: usize = 109;

pub(super) struct Compound<'b> {
    bytes: &'b [u8],
    sector: usize,
    mini_sector: usize,
    /// Smaller streams lie in the mini stream.
    cutoff: u64,
    table: Vec<u32>,
    mini_table: Vec<u32>,
    mini_stream: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    is_root: bool,
    is_stream: bool,
    start: u32,
    size: u64,
}

impl<'b> Compound<'b> {
    /// None where it is no container, or one that leads nowhere.
    pub(super) fn of(bytes: &'b [u8]) -> Option<Self> {
        let sector = 1_usize.checked_shl(u32::from(word(bytes, 30)?))?;
        let mini_sector = 1_usize.checked_shl(u32::from(word(bytes, 32)?))?;
        if !matches!(sector, 512 | 4096) || mini_sector != 64 || bytes.len() < HEADER {
            return None;
        }
        let mut compound = Self {
            bytes,
            sector,
            mini_sector,
            cutoff: double(bytes, 56)?.into(),
            table: Vec::new(),
            mini_table: Vec::new(),
            mini_stream: Vec::new(),
            entries: Vec::new(),
        };
        for table in compound.table_sectors()? {
            let sector = compound.sector(table)?;
            compound.table.extend(doubles(sector));
        }
        let whole = bytes.len() as u64;
        let directory = compound.chain(double(bytes, 48)?, whole);
        compound.entries = directory.chunks_exact(ENTRY).filter_map(Entry::of).collect();
        compound.mini_table = doubles(&compound.chain(double(bytes, 60)?, whole)).collect();
        let root = compound.entries.iter().find(|entry| entry.is_root)?;
        compound.mini_stream = compound.chain(root.start, root.size.min(whole));
        Some(compound)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// The stream's bytes, as many of them as are there.
    pub(super) fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let entry = self.entry(name)?;
        let size = entry.size.min(self.bytes.len() as u64);
        if size >= self.cutoff {
            return Some(self.chain(entry.start, size));
        }
        let at = |sector: u32| {
            let start = (sector as usize).checked_mul(self.mini_sector)?;
            self.mini_stream
                .get(start..self.mini_stream.len().min(start + self.mini_sector))
        };
        Some(gathered(entry.start, size, &self.mini_table, at))
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.is_stream && entry.name == name)
    }

    /// Where the table of sectors lies: named by the header, and by further sectors in a chain of their own.
    fn table_sectors(&self) -> Option<Vec<u32>> {
        let named = (0..NAMED_TABLES).map_while(|at| double(self.bytes, 76 + 4 * at));
        let mut tables: Vec<u32> = named.filter(|sector| *sector < LAST_SECTOR).collect();
        let mut next = double(self.bytes, 68)?;
        let most = self.bytes.len() / self.sector;
        for _ in 0..most {
            if next >= LAST_SECTOR {
                break;
            }
            let mut further: Vec<u32> = doubles(self.sector(next)?).collect();
            next = further.pop()?;
            tables.extend(further.into_iter().filter(|sector| *sector < LAST_SECTOR));
        }
        tables.truncate(most);
        Some(tables)
    }

    fn sector(&self, number: u32) -> Option<&'b [u8]> {
        let start = (number as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = start.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(start..end)
    }

    fn chain(&self, start: u32, size: u64) -> Vec<u8> {
        gathered(start, size, &self.table, |sector| self.sector(sector))
    }
}

/// What lies in a chain of sectors, up to its end or to `size`; a chain that runs in a circle ends there too.
fn gathered<'s>(start: u32, size: u64, table: &[u32], at: impl Fn(u32) -> Option<&'s [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut next = start;
    for _ in 0..table.len() {
        if next >= LAST_SECTOR || bytes.len() as u64 >= size {
            break;
        }
        let Some(sector) = at(next) else { break };
        bytes.extend_from_slice(sector);
        let Some(following) = table.get(next as usize) else {
            break;
        };
        next = *following;
    }
    bytes.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    bytes
}

impl Entry {
    fn of(bytes: &[u8]) -> Option<Self> {
        let length = usize::from(word(bytes, 64)?).saturating_sub(2) / 2;
        let units: Vec<u16> = (0..length.min(31)).filter_map(|at| word(bytes, 2 * at)).collect();
        let kind = *bytes.get(66)?;
        Some(Self {
            name: String::from_utf16_lossy(&units),
            is_root: kind == 5,
            is_stream: kind == 2,
            start: double(bytes, 116)?,
            size: double(bytes, 120)?.into(),
        })
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn double(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn doubles(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).filter_map(|four| double(four, 0))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use proptest::prelude::*;

    use super::*;

    fn container(streams: &[(&str, &[u8])]) -> Vec<u8> {
        let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for (name, bytes) in streams {
            container
                .create_stream(format!("/{name}"))
                .unwrap()
                .write_all(bytes)
                .unwrap();
        }
        container.into_inner().into_inner()
    }

    #[test]
    fn streams_come_out_whole_however_large() {
        let large: Vec<u8> = (0..9_000_000_u32).map(|at| (at % 251) as u8).collect();
        let bytes = container(&[
            ("small", b"a few"),
            ("Workbook", &large),
            ("medium", &large[..4_000]),
        ]);
        let compound = Compound::of(&bytes).unwrap();
        assert_eq!(compound.stream("small").unwrap(), b"a few");
        assert_eq!(compound.stream("medium").unwrap(), &large[..4_000]);
        assert!(compound.stream("Workbook").unwrap() == large);
        assert!(compound.has("small") && !compound.has("Small") && !compound.has("Root Entry"));
    }

    proptest! {
        #[test]
        fn damage_ends_the_reading_and_nothing_else(at in any::<prop::sample::Index>(), with: [u8; 4]) {
            let mut bytes = container(&[("small", b"a few"), ("Workbook", &[7; 9_000])]);
            let at = at.index(bytes.len() - 4);
            bytes[at..at + 4].copy_from_slice(&with);
            for bytes in [&bytes[..], &bytes[..at]] {
                if let Some(compound) = Compound::of(bytes) {
                    let _ = (compound.stream("small"), compound.stream("Workbook"));
                }
            }
        }
    }
}
