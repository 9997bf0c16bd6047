//! The national rules and frames as the registry would answer with them, read from its data files.

use prost::{Message, Name};
use prost_reflect::DynamicMessage;
use serde::Deserialize;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_platform::server::contract;

/// The budget year from which the newer rules and the tree with cost first hold.
const COST_FIRST: i32 = 2021;

#[derive(Deserialize)]
struct RuleFile {
    id: String,
    content: serde_json::Value,
}

#[derive(Deserialize)]
struct FrameFile {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    code: String,
    title: String,
    kind: String,
    #[serde(default)]
    parent_code: String,
    #[serde(default)]
    required: bool,
}

/// The national rule set of a budget year.
pub fn rules(fiscal_year: i32) -> registry::EffectiveRuleSet {
    let text = if fiscal_year < COST_FIRST {
        include_str!("../../../registry/data/rules-national-2020.json")
    } else {
        include_str!("../../../registry/data/rules-national-2021.json")
    };
    let file: RuleFile = serde_json::from_str(text).expect("a rule set");
    let rule_set = format!("districts/350205000/ruleSets/{}", file.id);
    let sections = file.content.as_object().expect("sections").keys();
    let source = |section: &String| registry::SectionSource {
        section: section.clone(),
        rule_set: rule_set.clone(),
        version: 1,
    };
    registry::EffectiveRuleSet {
        section_sources: sections.map(source).collect(),
        content: Some(from_json(&file.content)),
        ..Default::default()
    }
}

/// The indicator frame of a budget year.
pub fn frame(fiscal_year: i32) -> registry::IndicatorFrame {
    let text = if fiscal_year < COST_FIRST {
        include_str!("../../../registry/data/frame-classic.json")
    } else {
        include_str!("../../../registry/data/frame-cost-first.json")
    };
    let file: FrameFile = serde_json::from_str(text).expect("a frame");
    let nodes = file.nodes.into_iter().map(|node| {
        let kind = format!("KIND_{}", node.kind.to_uppercase());
        registry::FrameNode {
            code: node.code,
            title: node.title,
            parent_code: node.parent_code,
            kind: registry::frame_node::Kind::from_str_name(&kind).expect("a kind").into(),
            required: node.required,
            ..Default::default()
        }
    });
    registry::IndicatorFrame { nodes: nodes.collect(), ..Default::default() }
}

fn from_json<M: Message + Name + Default>(json: &serde_json::Value) -> M {
    let descriptor = contract().get_message_by_name(&M::full_name()).expect("a message of the contract");
    let message = DynamicMessage::deserialize(descriptor, json).expect("the contract's message as JSON");
    M::decode(message.encode_to_vec().as_slice()).expect("the same message")
}
