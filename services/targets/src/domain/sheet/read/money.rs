//! Blocks of money: totals, parts and what was printed, each block for itself.

use wenxiao_kernel::Money;

use super::Reader;
use crate::domain::form::Printed;
use crate::domain::sheet::labels::{Amount, Block};
use crate::domain::sheet::{Cell, Fault, Place, values};

/// Total and parts of a block while it is read.
#[derive(Default)]
pub(super) struct Money4 {
    pub(super) at: Option<Place>,
    pub(super) total: Option<Money>,
    pub(super) fiscal: Option<Money>,
    pub(super) carry_over: Option<Money>,
    pub(super) other: Option<Money>,
    pub(super) amount: Option<Printed>,
    pub(super) text: Option<String>,
    pub(super) from_cell: Option<Printed>,
}

impl Reader<'_> {
    pub(super) fn block_of(&mut self, block: Block) -> &mut Money4 {
        if block == Block::WholeLife { &mut self.whole_life } else { &mut self.annual }
    }

    pub(super) fn money(&mut self, amount: Amount, label: Place, at: Place, cell: &Cell) {
        let unit = self.unit;
        let block = match amount {
            Amount::Total(block) => Some(block),
            Amount::Appropriation | Amount::CarryOver => Some(Block::Annual),
            // Side by side, each block stands under its total; one below the other, the last total counts.
            _ => self.blocks.get(&label.column).copied().or(self.block),
        };
        if let (Amount::Total(total), Some(Block::WholeLife | Block::Annual)) = (amount, block) {
            let found = self.kept(values::amount(at, cell, unit)).flatten();
            let block = self.block_of(total);
            block.at = Some(at);
            if let Some((amount, printed)) = found {
                (block.total, block.from_cell) = (Some(amount), printed);
            }
            return;
        }
        let found = self.kept(values::exact_amount(at, cell, unit)).flatten();
        match (amount, block) {
            (Amount::Fiscal, Some(Block::WholeLife)) => self.whole_life.fiscal = found,
            (Amount::Other, Some(Block::WholeLife)) => self.whole_life.other = found,
            (Amount::Fiscal, Some(Block::Annual)) | (Amount::Appropriation, _) => self.annual.fiscal = found,
            (Amount::Other, Some(Block::Annual)) => self.annual.other = found,
            (Amount::CarryOver, _) => self.annual.carry_over = found,
            _ => {
                self.has_profile |= found.is_some();
                self.department(amount, found);
            }
        }
        // A part without its total is an error where the part stands.
        match block {
            Some(Block::WholeLife) => drop(self.whole_life.at.get_or_insert(at)),
            Some(Block::Annual) => drop(self.annual.at.get_or_insert(at)),
            _ => {}
        }
    }

    pub(super) fn department(&mut self, amount: Amount, found: Option<Money>) {
        let profile = &mut self.profile;
        let slot = match amount {
            Amount::Total(_) => &mut profile.total_budget,
            Amount::Fiscal => &mut profile.fiscal,
            Amount::Other => &mut profile.other,
            Amount::Basic => &mut profile.basic_expenditure,
            Amount::ThreePublic => &mut profile.three_public_expenses,
            Amount::Projects => &mut profile.project_expenditure,
            Amount::SpecialFund => &mut profile.special_fund,
            Amount::GovernmentFund => &mut profile.government_fund,
            Amount::StateCapital => &mut profile.state_capital,
            Amount::Appropriation | Amount::CarryOver => return,
        };
        *slot = found;
    }

    pub(super) fn printed_amount(&mut self, block: Block, at: Place, cell: &Cell) {
        let text = cell.text();
        match text.parse() {
            Ok(amount) => self.block_of(block).amount = Some(Printed { amount, text: String::new() }),
            Err(_) => self.faults.push(Fault::at(at, format!("“{text}”不是带单位的金额，例如0.6亿多"))),
        }
    }

    /// Total of a block with its printed form; parts without a total are an error.
    pub(super) fn funding(&mut self, block: &Money4, label: &str) -> Option<(Money, Option<Printed>)> {
        let parts = [block.fiscal, block.carry_over, block.other];
        match (block.total, block.at) {
            (Some(total), _) => {
                let text = block.text.clone().unwrap_or_default();
                let stated = block.amount.as_ref().map(|printed| Printed { text, ..printed.clone() });
                Some((total, stated.or_else(|| block.from_cell.clone())))
            }
            (None, Some(at)) if parts.iter().any(Option::is_some) => {
                self.faults.push(Fault::at(at, format!("填写了分项，却没有{label}")));
                None
            }
            _ => None,
        }
    }
}
