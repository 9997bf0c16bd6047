//! The year, stage by stage, each by those who would do it.

pub mod budgets;
pub mod cases;
pub mod decisions;
pub mod disclosure;
pub mod ex_ante;
pub mod findings;
pub mod key_evaluation;
pub mod measures;
pub mod monitoring;
pub mod notices;
pub mod objectives;
pub mod participants;
pub mod payments;
pub mod plans;
pub mod registry;
pub mod review;
pub mod self_evaluation;

use anyhow::Result;

use crate::play::Play;

/// Plays the whole year. Played again, from wherever it was interrupted, it ends in the same figures.
pub async fn play(play: &Play) -> Result<()> {
    let year = play.scene.year;
    let before = year - 1;

    play.say("一、基础信息");
    registry::district(play).await?;
    registry::units_and_projects(play).await?;
    budgets::opening(play).await?;
    participants::enter(play).await?;
    participants::engage(play).await?;
    registry::policies(play).await?;
    plans::adopt(play).await?;
    plans::train(play).await?;

    play.say("二、绩效目标");
    objectives::file(play, before).await?;
    objectives::approve_without_review(play, before).await?;
    objectives::ratify(play, before).await?;
    objectives::file(play, year).await?;
    review::first_round(play, year).await?;
    review::second_round(play, year).await?;
    objectives::ratify(play, year).await?;

    play.say("三、预算执行与绩效监控");
    payments::take_in(play).await?;
    monitoring::open(play).await?;
    monitoring::report(play).await?;
    monitoring::progress(play).await?;
    measures::decide(play).await?;
    monitoring::close(play).await?;

    play.say("四、事前绩效评估");
    ex_ante::evaluate(play).await?;
    budgets::adjust(play).await?;

    play.say("五、绩效自评");
    self_evaluation::open(play).await?;
    self_evaluation::evaluate(play).await?;

    play.say("六、重点绩效评价");
    key_evaluation::plan(play).await?;
    key_evaluation::evaluate(play).await?;
    findings::rectify(play).await?;

    play.say("七、结果应用");
    decisions::recommend(play).await?;
    decisions::arrange(play).await?;
    decisions::review_policies(play).await?;
    budgets::next_year(play).await?;

    play.say("八、信息公开");
    disclosure::publish(play).await?;
    notices::send(play).await?;
    cases::tell(play).await?;
    plans::finish(play).await?;
    cases::publish_summary(play).await
}
