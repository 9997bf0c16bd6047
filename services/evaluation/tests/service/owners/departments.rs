//! What is about a department as a whole goes to the department of its successor.

use tonic::Code;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_contract::wenxiao::evaluation::v1::evaluated_object::Kind::WholeDepartment;

use super::*;
use crate::support::forms::open_task;

/// A form about department `of` as a whole, begun by a unit.
async fn whole(world: &World, id: &str, of: &str, by: &str) -> Result<pb::SelfEvaluation, tonic::Status> {
    let whole = pb::SelfEvaluation {
        object: object(WholeDepartment, &format!("units/{of}")),
        objective: String::new(),
        ..form(1, 740_000)
    };
    create(world, id, whole, by).await
}

#[tokio::test]
async fn what_is_about_a_whole_department_goes_to_the_department_of_its_successor() {
    let world = World::with_registry().await;
    open_task(&world).await;
    whole(&world, "whole", "302", "302").await.expect("a form");
    let findings = vec![work::finding(&world, "p2", pb::finding::Category::LowExecution).await.name];
    demand(&world, "of302", "302", findings).await.expect("demanded");
    say_end(&world, "302", "301001").await;
    heard(&world, "select unit from evaluation.self_evaluations where id = 'whole'", "301").await;
    assert!(seen_by(&world, "302").await.is_empty());
    // Until its project is handed over, too, a demand waits with the successor.
    heard(&world, "select unit from evaluation.rectifications where id = 'of302'", "301001").await;
    hand_over(&world, 2, "901").await;
    let reported = report(&world, "of302", "901").await.expect("whoever has the project reports");
    assert_eq!(reported.unit, name("units/901"));
}

#[tokio::test]
async fn what_a_department_had_taken_over_goes_on_with_it() {
    let world = World::with_registry().await;
    open_task(&world).await;
    whole(&world, "before", "302", "302").await.expect("a form");
    let items = vec![work::item(1, object(WholeDepartment, "units/302"))];
    work::plan(&world, "draft", pb::KeyEvaluationPlan { items, ..Default::default() }).await;
    say_end(&world, "302", "301001").await;
    heard(&world, "select heir from evaluation.units where name like '%/302'", "301").await;
    // A year that is over is evaluated by whoever has taken over.
    let strange = whole(&world, "strange", "302", "302").await.expect_err("302 is no more");
    assert_eq!(strange.code(), Code::NotFound);
    let begun = whole(&world, "between", "302", "301").await.expect("the heir's");
    assert_eq!(owner(begun.object), unit("301", "环卫中心"));

    say_end(&world, "301", "901").await;
    heard(&world, "select heir from evaluation.units where name like '%/302'", "901").await;
    assert_eq!(seen_by(&world, "901").await, ["before", "between"]);
    assert!(seen_by(&world, "301").await.is_empty());
    let plan = pb::GetKeyEvaluationPlanRequest { name: name("keyEvaluationPlans/draft") };
    let plan = world.key(officer()).get_key_evaluation_plan(plan).await.expect("a plan").into_inner();
    assert_eq!(owner(plan.items[0].object.clone()), unit("901", "海沧街道"));
    // So it answers to the objective that the department had.
    objective(&world, 9, "units/302", "302").await;
    let answering = pb::SelfEvaluation {
        object: object(WholeDepartment, "units/302"),
        objective: name("objectives/o9"),
        ..form(1, 740_000)
    };
    let answering = create(&world, "answering", answering, "901").await.expect("the heir answers for it");
    assert_eq!(answering.objective_in_force.map(|of| of.number), Some(1));
    let begun = whole(&world, "after", "302", "901").await.expect("the heir's heir's");
    let object = begun.object.clone().expect("an object");
    assert_eq!(
        (object.subject, object.display_name.as_str()),
        (name("units/302"), "单位302"),
        "it is about 302"
    );

    // Heard again, it changes nothing.
    say_end(&world, "302", "301001").await;
    say_end(&world, "301", "901").await;
    say_end(&world, "302", "301001").await;
    whole(&world, "last", "901", "901").await.expect("a form");
    hand_over(&world, 7, "302").await; // the feed has been read up to here
    assert_eq!(seen_by(&world, "901").await, ["after", "answering", "before", "between", "last"]);
}

#[tokio::test]
async fn what_is_only_decided_moves_nothing_and_who_does_not_begin_is_forgotten() {
    let world = World::with_registry().await;
    open_task(&world).await;
    whole(&world, "whole", "302", "302").await.expect("a form");
    let coming = registry::Unit {
        name: name("units/303"),
        title: "新局".to_owned(),
        state: registry::unit::State::Pending.into(),
        ..Default::default()
    };
    say_unit(&world, coming.clone()).await;
    heard(&world, "select name from evaluation.units where name like '%/303'", "303").await;
    let going = registry::Unit {
        name: name("units/302"),
        title: "区府办".to_owned(),
        end_date: day(2099, 12, 31),
        successor: name("units/303"),
        state: registry::unit::State::Active.into(),
        ..Default::default()
    };
    say_unit(&world, going).await;
    let withdrawn = registry::Unit { state: registry::unit::State::Withdrawn.into(), ..coming };
    say_unit(&world, withdrawn).await;
    hand_over(&world, 5, "901").await; // the feed has been read up to here
    assert_eq!(seen_by(&world, "302").await, ["whole"]);
    let sql = "select string_agg(name, ' ' order by name) from evaluation.units where name like '%/30_'";
    let row = sqlx::raw_sql(sql).fetch_one(&mut world.suite.superuser().await).await.expect("names");
    let kept: String = row.get(0);
    assert_eq!(kept, [name("units/301"), name("units/302")].join(" "));
}
