use chrono::NaiveDate;
use serde_json::Value;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Failure, Result, convert};

use super::unit::require_units;
use super::{Reader, optional_name, optional_unit_name, optional_year, unit_name, word};
use crate::api::reflect;
use crate::api::resource::{Around, Resource, name_of};
use crate::domain::frame::{Frame, FrameNode, NodeKind};
use crate::domain::indicator::{Indicator, IndicatorState, Proposal};
use crate::domain::project::{Project, ProjectCategory};
use crate::domain::rule_set::{Effective, Layer, RuleSet, Sections};
use crate::domain::template::{Template, TemplateItem, TemplateKind};
use crate::store::{self, Kept, Stored, Window};
use crate::words::words;

/// The sections of a rule set as the contract has them.
pub fn content(sections: &Sections) -> Result<pb::RuleContent> {
    let fields = sections.iter().map(|(name, section)| (name.clone(), section.clone())).collect();
    reflect::from_json(&Value::Object(fields))
}

/// The sections that a message has.
pub fn rule_content(content: &pb::RuleContent) -> Result<Sections> {
    match reflect::to_json(content)? {
        Value::Object(fields) => Ok(fields.into_iter().collect()),
        _ => Ok(Sections::new()),
    }
}

/// The rules in force as the contract has them.
pub fn effective(district: DistrictCode, day: NaiveDate, rules: &Effective) -> Result<pb::EffectiveRuleSet> {
    let source = |(section, set, version): &(String, String, i64)| pb::SectionSource {
        section: section.clone(),
        rule_set: name_of(district, RuleSet::COLLECTION, set),
        version: *version,
    };
    Ok(pb::EffectiveRuleSet {
        effective_date: Some(convert::date(day)),
        content: Some(content(&rules.sections)?),
        section_sources: rules.sources.iter().map(source).collect(),
    })
}

impl Resource for RuleSet {
    type Wire = pb::RuleSet;
    const COLLECTION: &'static str = "ruleSets";
    const CREATED: &'static str = "rule_set.created";
    const UPDATED: &'static str = "rule_set.updated";
    const UPDATABLE: &'static [&'static str] =
        &["title", "source", "verified", "start_date", "end_date", "content"];

    fn id(&self) -> &str {
        &self.id
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::RuleSet {
        let set = &stored.value;
        let layer = convert::enum_name("LAYER_", set.layer.as_str());
        pb::RuleSet {
            name: name_of(stored.district, Self::COLLECTION, &set.id),
            title: set.title.clone(),
            source: set.source.clone(),
            verified: set.verified,
            layer: pb::rule_set::Layer::from_str_name(&layer).unwrap_or_default().into(),
            start_date: Some(convert::date(set.start_date)),
            end_date: set.end_date.map(convert::date),
            // What was stored came from this message, so it reads back; a fault is logged where it arises.
            content: content(&set.sections).ok(),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(wire: &pb::RuleSet, id: String, mut reader: Reader, before: Option<&Self>) -> Result<Self> {
        let start_date = reader.fields.date("start_date", wire.start_date.as_ref());
        let end_date = reader.fields.optional_date("end_date", wire.end_date.as_ref());
        let sections = rule_content(&wire.content.clone().unwrap_or_default())?;
        reader.done(Self {
            id,
            title: wire.title.clone(),
            source: wire.source.clone(),
            verified: wire.verified,
            layer: Layer::District,
            start_date,
            end_date,
            sections,
            version: before.map_or(1, |set| set.version.saturating_add(1)),
        })
    }

    async fn admit(&mut self, before: Option<&Self>, around: Around<'_>) -> Result<()> {
        if let Some(before) = before {
            before.check_changeable(around.today)?;
            self.check_backdated(around.today, "")?;
        }
        self.check()?;
        let others = store::rule_set::all_rule_sets(around.connection, around.district).await?;
        Ok(self.check_beside(&others)?)
    }
}

impl Resource for Frame {
    type Wire = pb::IndicatorFrame;
    const COLLECTION: &'static str = "indicatorFrames";
    const CREATED: &'static str = "indicator_frame.created";
    const UPDATED: &'static str = "indicator_frame.updated";
    const UPDATABLE: &'static [&'static str] = &["title", "source", "verified", "last_fiscal_year"];

    fn id(&self) -> &str {
        &self.id
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::IndicatorFrame {
        let frame = &stored.value;
        let node = |node: &FrameNode| {
            let kind = convert::enum_name("KIND_", node.kind.as_str());
            pb::FrameNode {
                code: node.code.clone(),
                title: node.title.clone(),
                title_en: node.title_en.clone(),
                parent_code: node.parent_code.clone(),
                kind: pb::frame_node::Kind::from_str_name(&kind).unwrap_or_default().into(),
                required: node.required,
            }
        };
        pb::IndicatorFrame {
            name: name_of(stored.district, Self::COLLECTION, &frame.id),
            title: frame.title.clone(),
            source: frame.source.clone(),
            verified: frame.verified,
            national_default: frame.national_default,
            first_fiscal_year: optional_year(frame.first_fiscal_year),
            last_fiscal_year: optional_year(frame.last_fiscal_year),
            nodes: frame.nodes.iter().map(node).collect(),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(
        wire: &pb::IndicatorFrame,
        id: String,
        mut reader: Reader,
        before: Option<&Self>,
    ) -> Result<Self> {
        let first_fiscal_year = reader.optional_year("first_fiscal_year", wire.first_fiscal_year);
        let last_fiscal_year = reader.optional_year("last_fiscal_year", wire.last_fiscal_year);
        let nodes = wire.nodes.iter().enumerate().map(|(place, node)| {
            let kind = word(node.kind().as_str_name(), "KIND_");
            FrameNode {
                code: node.code.clone(),
                title: node.title.clone(),
                title_en: node.title_en.clone(),
                parent_code: node.parent_code.clone(),
                kind: reader.required(&format!("nodes[{place}].kind"), kind, NodeKind::Output),
                required: node.required,
            }
        });
        let nodes = nodes.collect();
        reader.done(Self {
            id,
            title: wire.title.clone(),
            source: wire.source.clone(),
            verified: wire.verified,
            national_default: before.is_some_and(|frame| frame.national_default),
            first_fiscal_year,
            last_fiscal_year,
            nodes,
        })
    }

    async fn admit(&mut self, before: Option<&Self>, around: Around<'_>) -> Result<()> {
        if before.is_some_and(|frame| frame.national_default) {
            return Err(crate::domain::Refusal::RulesInForce(self.id.clone()).into());
        }
        self.check()?;
        let others = frames(around).await?;
        Ok(self.check_beside(&others)?)
    }
}

/// All frames of a district: few, and the one for a year is chosen among them.
pub async fn frames(around: Around<'_>) -> Result<Vec<Frame>> {
    let window = Window {
        districts: Some(vec![around.district.as_i32()]),
        after_district: None,
        after_id: None,
        limit: 1000,
    };
    let frames = store::library::list_frames(around.connection, &window, None).await?;
    Ok(frames.into_iter().map(|stored| stored.value).collect())
}

impl Resource for Indicator {
    type Wire = pb::Indicator;
    const COLLECTION: &'static str = "indicators";
    const CREATED: &'static str = "indicator.created";
    const UPDATED: &'static str = "indicator.updated";
    const UPDATABLE: &'static [&'static str] = &[
        "code",
        "title",
        "indicator_frame",
        "node_code",
        "common",
        "unit",
        "operator",
        "measure_unit",
        "value_description",
        "suggested_value",
        "scoring_standard",
        "data_source",
        "keywords",
        "start_date",
        "end_date",
        "project_categories",
    ];

    fn id(&self) -> &str {
        &self.id
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::Indicator {
        let (one, district) = (&stored.value, stored.district);
        let state = convert::enum_name("STATE_", one.state.as_str());
        pb::Indicator {
            name: name_of(district, Self::COLLECTION, &one.id),
            code: one.code.clone(),
            title: one.title.clone(),
            indicator_frame: name_of(district, Frame::COLLECTION, &one.frame),
            node_code: one.node_code.clone(),
            common: one.common,
            unit: optional_unit_name(district, one.unit.as_ref()),
            operator: one.operator.map(convert::operator).unwrap_or_default().into(),
            measure_unit: one.measure_unit.clone(),
            value_description: one.value_description.clone(),
            suggested_value: one.suggested_value.clone(),
            scoring_standard: one.scoring_standard.clone(),
            data_source: one.data_source.clone(),
            keywords: one.keywords.clone(),
            start_date: one.start_date.map(convert::date),
            end_date: one.end_date.map(convert::date),
            state: pb::indicator::State::from_str_name(&state).unwrap_or_default().into(),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
            project_categories: one.project_categories.iter().map(|one| category(*one).into()).collect(),
            proposal: one.proposal.as_ref().map(|proposal| show_proposal(district, proposal)),
            refusal_reason: one.refusal_reason.clone(),
        }
    }

    fn facts(&self, facts: Facts) -> Facts {
        match &self.proposal {
            Some(proposal) => facts.unit(proposal.unit.as_str()).author(&proposal.proposer),
            None => facts,
        }
    }

    fn read(wire: &pb::Indicator, id: String, mut reader: Reader, before: Option<&Self>) -> Result<Self> {
        let frame = reader.id("indicator_frame", &wire.indicator_frame, Frame::COLLECTION);
        let frame = reader.required("indicator_frame", frame, String::new());
        let unit = reader.unit("unit", &wire.unit);
        let start_date = reader.fields.optional_date("start_date", wire.start_date.as_ref());
        let end_date = reader.fields.optional_date("end_date", wire.end_date.as_ref());
        let code = if wire.code.is_empty() { id.clone() } else { wire.code.clone() };
        reader.done(Self {
            id,
            code,
            title: wire.title.clone(),
            frame,
            node_code: wire.node_code.clone(),
            common: wire.common,
            unit,
            operator: convert::operator_of(wire.operator()),
            measure_unit: wire.measure_unit.clone(),
            value_description: wire.value_description.clone(),
            suggested_value: wire.suggested_value.clone(),
            scoring_standard: wire.scoring_standard.clone(),
            data_source: wire.data_source.clone(),
            keywords: wire.keywords.clone(),
            start_date,
            end_date,
            state: before.map_or(IndicatorState::Draft, |one| one.state),
            project_categories: wire.project_categories().filter_map(category_of).collect(),
            proposal: before.and_then(|one| one.proposal.clone()),
            refusal_reason: before.map(|one| one.refusal_reason.clone()).unwrap_or_default(),
            words: words(&format!("{} {}", wire.title, wire.keywords.join(" "))).join(" "),
        })
    }

    async fn admit(&mut self, before: Option<&Self>, around: Around<'_>) -> Result<()> {
        if let Some(before) = before {
            self.check_change_from(before)?;
        }
        let Around { connection, district, today } = around;
        let frame = Frame::load(connection, district, &self.frame).await?;
        let missing = || Failure::reference_not_found(name_of(district, Frame::COLLECTION, &self.frame));
        self.check(&frame.ok_or_else(missing)?.value)?;
        require_units(Around { connection, district, today }, self.unit.iter()).await
    }
}

fn show_proposal(district: DistrictCode, proposal: &Proposal) -> pb::IndicatorProposal {
    pb::IndicatorProposal {
        unit: unit_name(district, &proposal.unit),
        project: optional_name(district, Project::COLLECTION, proposal.project.as_deref()),
        reason: proposal.reason.clone(),
        proposer: proposal.proposer.clone(),
        propose_time: Some(convert::timestamp(proposal.propose_time)),
        endorse_time: proposal.endorse_time.map(convert::timestamp),
    }
}

fn category(category: ProjectCategory) -> pb::ProjectCategory {
    let name = convert::enum_name("PROJECT_CATEGORY_", category.as_str());
    pb::ProjectCategory::from_str_name(&name).unwrap_or_default()
}

/// The category of projects that the contract means; `None` when none is given.
pub fn category_of(category: pb::ProjectCategory) -> Option<ProjectCategory> {
    word(category.as_str_name(), "PROJECT_CATEGORY_")
}

impl Resource for Template {
    type Wire = pb::Template;
    const COLLECTION: &'static str = "templates";
    const CREATED: &'static str = "template.created";
    const UPDATED: &'static str = "template.updated";
    const UPDATABLE: &'static [&'static str] =
        &["title", "kind", "first_fiscal_year", "last_fiscal_year", "items"];

    fn id(&self) -> &str {
        &self.id
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::Template {
        let template = &stored.value;
        let kind = convert::enum_name("KIND_", template.kind.as_str());
        let item = |item: &TemplateItem| pb::TemplateItem {
            code: item.code.clone(),
            parent_code: item.parent_code.clone(),
            title: item.title.clone(),
            content: item.content.clone(),
            points: item.points.map(convert::decimal),
            required: item.required,
        };
        pb::Template {
            name: name_of(stored.district, Self::COLLECTION, &template.id),
            title: template.title.clone(),
            kind: pb::template::Kind::from_str_name(&kind).unwrap_or_default().into(),
            first_fiscal_year: optional_year(template.first_fiscal_year),
            last_fiscal_year: optional_year(template.last_fiscal_year),
            items: template.items.iter().map(item).collect(),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(wire: &pb::Template, id: String, mut reader: Reader, _: Option<&Self>) -> Result<Self> {
        let kind =
            reader.required("kind", word(wire.kind().as_str_name(), "KIND_"), TemplateKind::ReportOutline);
        let first_fiscal_year = reader.optional_year("first_fiscal_year", wire.first_fiscal_year);
        let last_fiscal_year = reader.optional_year("last_fiscal_year", wire.last_fiscal_year);
        let items = wire.items.iter().enumerate().map(|(place, item)| TemplateItem {
            code: item.code.clone(),
            parent_code: item.parent_code.clone(),
            title: item.title.clone(),
            content: item.content.clone(),
            points: reader.fields.optional_decimal(&format!("items[{place}].points"), item.points.as_ref()),
            required: item.required,
        });
        let items = items.collect();
        reader.done(Self { id, title: wire.title.clone(), kind, first_fiscal_year, last_fiscal_year, items })
    }

    async fn admit(&mut self, before: Option<&Self>, around: Around<'_>) -> Result<()> {
        use chrono::Datelike;
        if let Some(before) = before {
            let year = around.today.year().try_into().map_err(Failure::internal)?;
            before.check_changeable(year)?;
        }
        Ok(self.check()?)
    }
}
