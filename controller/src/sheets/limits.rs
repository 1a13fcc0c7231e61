//! What a sheet may at most be. A file over one of these is refused by its name; none of them is there to be met by an
//! honest sheet.

/// Caps for one sheet; each is a setting of the controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Rows with something in them, below the header.
    pub rows: u32,
    /// Cells of one sheet, blank ones that the file mentions too.
    pub cells: u64,
    /// Columns, known or not.
    pub columns: u32,
    /// Bytes of the file as it comes.
    pub file_bytes: u64,
    /// Bytes of all that is unpacked from it.
    pub unpacked_bytes: u64,
    /// Characters (UTF-16 units, as spreadsheet programs count) of one cell.
    pub cell_chars: usize,
    /// Bytes of an `.xls` file, which cannot be read in pieces.
    pub xls_bytes: u64,
    /// Cells of the rectangle around all that an `.xls` sheet holds: that much memory is taken at once.
    pub xls_cells: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 200_000,
            cells: 6_000_000,
            columns: 256,
            file_bytes: 64 << 20,
            unpacked_bytes: 400 << 20,
            cell_chars: 32_767,
            xls_bytes: 32 << 20,
            xls_cells: 1_500_000,
        }
    }
}
