//! Problems are demanded, rectified and accepted.

use wenxiao_contract::wenxiao::evaluation::v1 as pb;

use crate::support::*;

#[tokio::test]
async fn problems_are_demanded_rectified_and_accepted_together() {
    let world = World::start().await;
    let mut findings = Vec::new();
    for category in [pb::finding::Category::LowExecution, pb::finding::Category::ImpreciseBudget] {
        let created = work::finding(&world, "p1", category).await;
        findings.push(created.name);
    }
    let demand = pb::Rectification {
        unit: name("units/301"),
        findings: findings.clone(),
        demand: "限期整改".to_owned(),
        work_year: 2020,
        demand_date: day(2020, 9, 1),
        ..Default::default()
    };
    let request = pb::CreateRectificationRequest {
        parent: DISTRICT.to_owned(),
        rectification: Some(demand),
        ..Default::default()
    };
    let demanded = world
        .rectification(officer())
        .create_rectification(request.clone())
        .await
        .expect("demanded")
        .into_inner();
    assert_eq!(demanded.due_date, day(2020, 10, 1));
    let twice =
        world.rectification(officer()).create_rectification(request).await.expect_err("demanded already");
    assert_eq!(reason(&twice), "FINDING_NOT_DEMANDABLE");
    let report = pb::ReportMeasuresRequest {
        name: demanded.name.clone(),
        text: "已整改".to_owned(),
        ..Default::default()
    };
    world.rectification(filer("301")).report_measures(report).await.expect("reported");
    let accept = pb::AcceptRectificationRequest {
        name: demanded.name.clone(),
        opinion: "同意".to_owned(),
        ..Default::default()
    };
    world.rectification(officer()).accept_rectification(accept).await.expect("accepted");
    let get = pb::GetFindingRequest { name: findings[0].clone() };
    let finding = world.rectification(filer("301")).get_finding(get).await.expect("a finding").into_inner();
    assert_eq!(finding.state(), pb::finding::State::Rectified);
    let stats = pb::GetRectificationStatisticsRequest { name: name("rectificationStatistics/2020") };
    let stats =
        world.rectification(officer()).get_rectification_statistics(stats).await.expect("stats").into_inner();
    assert_eq!((stats.finding_count, stats.rectified_count, stats.accepted_count), (2, 2, 1));
}
