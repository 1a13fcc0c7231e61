//! Accounts as rows of a sheet: what an import reads is what this writes. A few hundred accounts are in memory at a time.

use std::collections::HashMap;
use std::io::Write;

use shared::account::Platform;
use shared::secret::SecretText;
use tokio::runtime::Handle;

use super::field::{Field, Held, Record};
use super::ground::{Ground, GroundError, record};
use crate::sheets::{Column, Format, Language, OutCell, OutRow, SheetWriter, WriteError, WriteOptions};
use crate::store::WholeAccount;

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Export {
    pub platform: Option<Platform>,
    /// Passwords too, with their 2FA secrets.
    pub secrets: bool,
    pub format: Format,
    pub language: Language,
}

/// Why a sheet was not written to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Ground(#[from] GroundError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("the sheet could not be sent")]
    Sent(#[from] std::io::Error),
}

/// Accounts in memory at a time.
const AT_ONCE: u32 = 500;

/// Writes the accounts, in order of their ids. Blocking: `runtime` is that of the store.
pub fn write<W: Write + Send>(
    ground: &Ground,
    runtime: &Handle,
    export: &Export,
    out: W,
) -> Result<W, ExportError> {
    let columns = match export.platform {
        Some(_) => Column::OF_ONE_PLATFORM.to_vec(),
        None => Column::ALL.to_vec(),
    };
    let options = WriteOptions {
        format: export.format,
        columns,
        language: export.language,
        secrets: export.secrets,
    };
    let store = &ground.store;
    let devices = runtime
        .block_on(store.list_devices())
        .map_err(GroundError::from)?;
    let indexes: HashMap<String, u32> = devices
        .into_iter()
        .map(|row| (row.serial.0, row.device_index))
        .collect();
    let mut writer = SheetWriter::begin(out, &options)?;
    let mut after = 0;
    loop {
        let accounts = runtime
            .block_on(store.accounts_after(export.platform, after, AT_ONCE))
            .map_err(GroundError::from)?;
        let Some(last) = accounts.last() else { break };
        after = last.row.id;
        for account in &accounts {
            let record = record(account, export.secrets.then_some(&ground.vault));
            let index = record
                .get(Field::Device)
                .as_text()
                .and_then(|device| indexes.get(device));
            write_row(&mut writer, account, &record, index.copied())?;
        }
    }
    Ok(writer.finish()?)
}

fn write_row<W: Write + Send>(
    writer: &mut SheetWriter<W>,
    account: &WholeAccount,
    record: &Record,
    index: Option<u32>,
) -> Result<(), WriteError> {
    let pwd = match record.get(Field::Pwd) {
        Held::Secret(password) => password.join(),
        Held::Damaged => {
            tracing::warn!(
                account = account.row.id,
                "the password cannot be opened and is left out of an export"
            );
            SecretText::default()
        }
        _ => SecretText::default(),
    };
    let tags = account.row.tags.to_string();
    let mut row = OutRow::default();
    for field in Field::ALL {
        let cell = match record.get(field) {
            Held::Text(text) => OutCell::Text(text),
            Held::Number(number) => OutCell::Whole(i64::try_from(*number).unwrap_or(i64::MAX)),
            Held::Tags(_) => OutCell::Text(&tags),
            Held::Secret(_) => OutCell::Text(pwd.expose()),
            Held::Nothing | Held::Damaged => OutCell::Empty,
        };
        row.set(field.column(), cell);
    }
    row.set(Column::Id, OutCell::Whole(account.row.id));
    row.set(Column::Platform, OutCell::Text(account.row.platform.as_str()));
    if let Some(index) = index {
        row.set(Column::DeviceIndex, OutCell::Whole(index.into()));
    }
    writer.row(&row)
}
