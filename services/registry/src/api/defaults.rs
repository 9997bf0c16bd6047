//! What every district starts with (默认规则): the national rule sets and indicator frames and the usual local types,
//! as data files of the program. A district overrides them by its own, which go first.

use prost::Message;
use serde::Deserialize;
use wenxiao_contract::Addressed;
use wenxiao_platform::work::Work;
use wenxiao_platform::{Failure, Result};

use super::resource::{self, Resource};
use crate::domain::frame::Frame;
use crate::domain::project::LocalProjectType;
use crate::domain::rule_set::{Layer, RuleSet, Sections};

const RULE_SETS: &[&str] = &[
    include_str!("../../data/rules-national-2020.json"),
    include_str!("../../data/rules-national-2021.json"),
];
const FRAMES: &[&str] =
    &[include_str!("../../data/frame-classic.json"), include_str!("../../data/frame-cost-first.json")];
const LOCAL_PROJECT_TYPES: &str = include_str!("../../data/local-project-types.json");

/// A rule set as its file has it: the content is the contract's message as JSON.
#[derive(Deserialize)]
struct RuleFile {
    id: String,
    title: String,
    source: String,
    verified: bool,
    start_date: chrono::NaiveDate,
    end_date: Option<chrono::NaiveDate>,
    content: Sections,
}

/// The national rule sets.
pub fn rule_sets() -> Result<Vec<RuleSet>> {
    let read = |text: &&str| {
        let file: RuleFile = serde_json::from_str(text).map_err(Failure::internal)?;
        Ok(RuleSet {
            id: file.id,
            title: file.title,
            source: file.source,
            verified: file.verified,
            layer: Layer::NationalDefault,
            start_date: file.start_date,
            end_date: file.end_date,
            sections: file.content,
            version: 1,
        })
    };
    RULE_SETS.iter().map(read).collect()
}

/// The national indicator frames.
pub fn frames() -> Result<Vec<Frame>> {
    FRAMES.iter().map(|text| serde_json::from_str(text).map_err(Failure::internal)).collect()
}

/// The usual local project types.
pub fn local_project_types() -> Result<Vec<LocalProjectType>> {
    serde_json::from_str(LOCAL_PROJECT_TYPES).map_err(Failure::internal)
}

/// Loads all of it into the district of a unit of work.
pub async fn load<M: Message + Addressed>(work: &mut Work<M>) -> Result<()> {
    for set in rule_sets()? {
        resource::enter(work, set, RuleSet::CREATED).await?;
    }
    for frame in frames()? {
        resource::enter(work, frame, Frame::CREATED).await?;
    }
    for kind in local_project_types()? {
        resource::enter(work, kind, LocalProjectType::CREATED).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::api::wire;
    use crate::domain::{frame, rule_set};

    #[test]
    fn the_national_rules_are_rules() {
        let sets = super::rule_sets().unwrap();
        for set in &sets {
            assert_eq!(set.check(), Ok(()), "{}", set.id);
            assert_eq!(set.check_beside(&sets), Ok(()));
            let content = wire::content(&set.sections).unwrap();
            let fields = |sections: &rule_set::Sections| sections.keys().cloned().collect::<Vec<_>>();
            let again = wire::rule_content(&content).unwrap();
            assert_eq!(fields(&again), fields(&set.sections), "a section of {} says nothing", set.id);
        }
        let at = |day: &str| rule_set::effective(&sets, day.parse().unwrap()).unwrap();
        let conflicts =
            |day: &str| at(day).sections.get("conflict").and_then(|rules| rules.get("enforced")).cloned();
        assert_eq!(conflicts("2020-12-31"), None, "off up to FY2020");
        assert_eq!(conflicts("2021-01-01"), Some(true.into()), "on from FY2021");
        assert_eq!(at("2020-01-01").sections.len(), 16, "every section of the contract");
        assert_eq!(at("2021-01-01").sections.len(), 16);
    }

    #[test]
    fn the_two_trees_follow_each_other() {
        let frames = super::frames().unwrap();
        for one in &frames {
            assert_eq!(one.check(), Ok(()));
            assert_eq!(one.check_beside(&frames), Ok(()));
        }
        let at =
            |year: i32| frame::effective(&frames, year.try_into().unwrap()).map(|frame| frame.id.clone());
        assert_eq!(
            (at(1995), at(2020), at(2021)),
            (Ok("classic".into()), Ok("classic".into()), Ok("cost-first".into()))
        );
        assert_eq!(super::local_project_types().unwrap().len(), 2);
    }
}
