//! Reading a pack from a folder of this host.

use std::path::Path;

use shared::pack::Pack;
use shared::pack::fault::Fault;
use shared::pack::files::PackFiles;

use super::CliError;

/// The pack, or its faults one a line.
pub(super) fn read(folder: &Path) -> Result<(Pack, Vec<Fault>), CliError> {
    match Pack::read(files(folder)?) {
        Ok(read) => Ok(read),
        Err(faults) => {
            let lines: Vec<String> = faults
                .iter()
                .filter(|fault| fault.is_error())
                .map(ToString::to_string)
                .collect();
            Err(CliError::BadInput(format!(
                "the pack {} cannot be used:\n{}",
                folder.display(),
                lines.join("\n")
            )))
        }
    }
}

pub(super) fn files(folder: &Path) -> Result<PackFiles, CliError> {
    PackFiles::from_folder(folder).map_err(|error| {
        let source = std::error::Error::source(&error);
        let source = source.map(|source| format!(": {source}")).unwrap_or_default();
        CliError::BadInput(format!("{error}{source}"))
    })
}
