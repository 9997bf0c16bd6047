//! Forms in and out (表格导入导出): official forms as workbooks, one or thousands.

pub mod export;
pub mod import;
mod source;
mod workbook;
pub mod worker;

use wenxiao_contract::wenxiao::common::v1::AmountUnit as WireUnit;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::AmountUnit;
use wenxiao_platform::workbook::Limits;

use crate::domain::objective::FilingKind;
use crate::domain::sheet::Layout;

/// Bytes of an uploaded file at the most: 5000 forms in workbooks of their own come to about 50 MiB.
const FILE_BYTES: i64 = 128 << 20;
/// Forms of a file at the most.
const FORMS: usize = 20_000;
/// Bytes of one workbook at the most, packed.
const WORKBOOK_BYTES: u64 = 32 << 20;
/// What one workbook may come to: a form has a few thousand cells, and many sheets may stand in one workbook.
const LIMITS: Limits = Limits { entries: 10_000, bytes: 64 << 20, cells: 100_000, text: 4 << 20 };
/// Errors that a response lists at the most.
const ERRORS: usize = 1000;
/// Sheet that holds the lists to choose from; no form stands on it.
const CHOICES_SHEET: &str = "选项";

fn layout_of(layout: wire::FormLayout) -> Layout {
    match layout {
        wire::FormLayout::Unspecified | wire::FormLayout::Project => Layout::Project,
        wire::FormLayout::WholeDepartment => Layout::WholeDepartment,
    }
}

fn unit_of(unit: WireUnit) -> AmountUnit {
    match unit {
        WireUnit::Unspecified | WireUnit::Yuan => AmountUnit::Yuan,
        WireUnit::TenThousandYuan => AmountUnit::TenThousandYuan,
        WireUnit::HundredMillionYuan => AmountUnit::HundredMillionYuan,
    }
}

/// Forms are of the annual filing where nothing else is said.
fn filing_kind_of(kind: wire::FilingKind) -> FilingKind {
    match kind {
        wire::FilingKind::Unspecified | wire::FilingKind::Annual => FilingKind::Annual,
        wire::FilingKind::MidYear => FilingKind::MidYear,
    }
}

/// The word for the kind of subject that a form of this layout is for.
fn subject_kind(layout: Layout) -> &'static str {
    match layout {
        Layout::Project => "project",
        Layout::WholeDepartment => "whole_department",
    }
}
