//! A sheet's rows, batch by batch, from what was read to what is to be applied, with the report as it grows. Pure: what
//! stands is handed to it.

use std::collections::BTreeMap;

use super::decide::{decide, taken_indexes};
use super::fault::{Warning, WarningKind};
use super::given::{GivenRow, Reading, read};
use super::planned::PlannedRow;
use super::report::{Counted, Report};
use super::rules::{OnError, Rules};
use super::sheet::SheetSoFar;
use super::standing::{KnownAccounts, KnownPhones};
use crate::sheets::{Header, Notice, SheetRow};

/// Rows that were read and wait to be compared with what stands.
#[derive(Debug, Default)]
pub struct Batch(Vec<Reading>);

impl Batch {
    pub fn add(&mut self, row: &SheetRow, rules: Rules) {
        self.0.push(read(row, rules));
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rows that can be taken.
    pub fn rows(&self) -> impl Iterator<Item = &GivenRow> {
        self.0.iter().filter_map(|reading| reading.row.as_ref().ok())
    }
}

/// Decides of a sheet.
#[derive(Debug)]
pub struct Planner {
    rules: Rules,
    phones: KnownPhones,
    so_far: SheetSoFar,
    next_new: u32,
    planned: u32,
    report: Report,
    /// Rows that wish an index for a phone: whether it is free shows at the end.
    wishing: BTreeMap<u32, Counted>,
}

/// What was decided of a whole sheet.
#[derive(Debug)]
pub struct Plan {
    pub report: Report,
    pub new_accounts: u32,
    /// Rows that were planned.
    pub planned: u32,
    /// Chunks in which they lie ready.
    pub chunks: u32,
    /// Rows that were planned, and turned out faulty when the whole sheet was known.
    pub left_out: Vec<u32>,
}

impl Planner {
    pub fn new(rules: Rules, phones: KnownPhones) -> Self {
        Self {
            rules,
            phones,
            so_far: SheetSoFar::default(),
            next_new: 0,
            planned: 0,
            report: Report::default(),
            wishing: BTreeMap::new(),
        }
    }

    /// Rows so far.
    pub fn rows(&self) -> u32 {
        self.report.rows
    }

    /// Whether nothing will be imported whatever else the sheet holds.
    pub fn is_doomed(&self) -> bool {
        self.rules.on_error == OnError::Refuse && self.report.faults_total > 0
    }

    pub fn header(&mut self, header: &Header) {
        self.notices(&header.notices);
    }

    pub fn notices(&mut self, notices: &[Notice]) {
        for notice in notices {
            let kind = match notice {
                Notice::UnknownColumn { .. } | Notice::UnnamedColumn { .. } => WarningKind::UnknownColumn,
                Notice::OtherSheets { .. } => WarningKind::File,
            };
            self.report.warn(Warning::of_sheet(kind, notice.to_string()));
        }
    }

    /// Decides of a batch; answers what is to be applied of it.
    pub fn plan(&mut self, batch: Batch, accounts: &KnownAccounts) -> Vec<PlannedRow> {
        let mut planned = Vec::with_capacity(batch.len());
        for reading in batch.0 {
            self.report.rows += 1;
            let Reading { row, warnings } = reading;
            for warning in warnings {
                self.report.warn(warning);
            }
            let decision = match row {
                Ok(row) => decide(&row, accounts, &self.phones, &self.rules, &mut self.so_far),
                Err(faults) => {
                    self.report.fault(faults);
                    continue;
                }
            };
            let counted = self.report.count(&decision);
            if let Some(counted) = counted
                && self.rules.adopt_device_index
            {
                self.wishing.insert(decision.line, counted);
            }
            for warning in decision.warnings {
                self.report.warn(warning);
            }
            match decision.fate {
                Ok(fate) => {
                    let row = PlannedRow::of(decision.line, decision.platform, fate, &mut self.next_new);
                    planned.extend(row);
                }
                Err(faults) => self.report.fault(faults),
            }
        }
        self.planned += planned.len() as u32;
        planned
    }

    /// Judges the sheet as a whole.
    pub fn finish(mut self) -> Plan {
        let mut left_out = Vec::new();
        for fault in taken_indexes(&self.so_far, &self.phones) {
            left_out.push(fault.row);
            if let Some(counted) = self.wishing.get(&fault.row) {
                self.report.uncount(fault.row, *counted);
            }
            self.report.fault(vec![fault]);
        }
        if let Some(elsewhere) = self.so_far.belongs_elsewhere()
            && !self.rules.allow_rename
        {
            self.report.refusal = Some(elsewhere.to_string());
        } else if self.rules.on_error == OnError::Refuse && self.report.faults_total > 0 {
            self.report.refusal = Some(self.report.first_fault());
        }
        left_out.sort_unstable();
        let wishes = self.so_far.wishes();
        self.report
            .phones(wishes, |wish| left_out.binary_search(&wish.row).is_err());
        self.report.faults.sort_by_key(|fault| fault.row);
        Plan {
            report: self.report,
            new_accounts: self.next_new,
            planned: self.planned,
            chunks: 0,
            left_out,
        }
    }
}
