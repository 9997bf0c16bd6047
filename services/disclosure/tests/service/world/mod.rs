//! A district's year as the other services would tell it, event by event: the shape of Haicang's 2020, with plainly
//! synthetic units and projects around the named cases. What is computed from it goes the whole way: events, the
//! service's own projections, its queries, its API.

mod budgets;
mod evaluations;

use prost::{Message, Name};
use sqlx::PgConnection;
use wenxiao_contract::google::r#type::{Date, Decimal as WireDecimal, Money as WireMoney};
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::evaluation::v1 as evaluation;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_disclosure::projections::Registry;
use wenxiao_kernel::Decimal;
use wenxiao_platform::convert;
use wenxiao_platform::projection::Projection;
use wenxiao_platform::testing::{TestSuite, haicang};

pub const DISTRICT: &str = "districts/350205000";

/// Tells this service what other services' feeds would.
pub struct World {
    connection: PgConnection,
}

pub fn name(collection: &str, id: &str) -> String {
    format!("{DISTRICT}/{collection}/{id}")
}

pub fn yuan(amount: &str) -> Option<WireMoney> {
    let amount: Decimal = amount.parse().unwrap();
    Some(convert::money(wenxiao_kernel::Money::from_yuan(amount).unwrap()))
}

fn day(text: &str) -> Option<Date> {
    Some(convert::date(text.parse().unwrap()))
}

fn decimal(text: &str) -> Option<WireDecimal> {
    Some(WireDecimal { value: text.to_owned() })
}

impl World {
    /// With the rights of the service itself, in its district.
    pub async fn of(suite: &TestSuite) -> Self {
        let mut connection = suite.superuser().await;
        let rights = "set role wenxiao_disclosure; set app.district = '350205000'";
        sqlx::raw_sql(rights).execute(&mut connection).await.unwrap();
        Self { connection }
    }

    /// Tells of one object.
    pub async fn tell<R: Message + Name>(&mut self, feed: &dyn Projection, resource: &R) {
        let any = prost_types::Any { type_url: R::type_url(), value: resource.encode_to_vec() };
        let event = Event { resource: Some(any), ..Event::default() };
        feed.apply(&mut self.connection, haicang(), &event).await.unwrap();
    }

    /// The whole year.
    pub async fn haicang_2020(&mut self) {
        self.district().await;
        self.units().await;
        self.budgets_and_objectives().await;
        self.last_years_objectives().await;
        self.ex_ante().await;
        self.key_evaluations().await;
        self.decisions().await;
    }

    async fn district(&mut self) {
        let district =
            registry::District { name: DISTRICT.into(), title: "海沧区".into(), ..Default::default() };
        self.tell(&Registry, &district).await;
        let plan = registry::WorkPlan {
            name: name("workPlans", "rollout"),
            kind: registry::work_plan::Kind::Rollout.into(),
            state: registry::work_plan::State::Adopted.into(),
            work_year: 2020,
            document_title: "关于全面实施预算绩效管理的落实方案".into(),
            document_number: "厦海委〔2019〕70号".into(),
            horizon_years: 3,
            target_date: day("2022-12-31"),
            ..Default::default()
        };
        self.tell(&Registry, &plan).await;
        let audience = |label: &str| registry::TrainingAudience { label: label.into(), units: Vec::new() };
        for (id, date, labels) in [
            ("t1", "2020-03-10", &["财政局及局属事业单位", "教育局"][..]),
            ("t2", "2020-07-02", &["各街道"][..]),
            ("t3", "2020-09-02", &["财政局及局属事业单位", "各街道"][..]),
        ] {
            let session = registry::TrainingSession {
                name: name("trainingSessions", id),
                work_year: 2020,
                hold_date: day(date),
                audiences: labels.iter().map(|label| audience(label)).collect(),
                state: registry::training_session::State::Held.into(),
                ..Default::default()
            };
            self.tell(&Registry, &session).await;
        }
    }

    /// 167 budget units and 4 subdistrict offices; ten departments file through their own unit (本级).
    async fn units(&mut self) {
        use registry::unit::Kind;
        for number in 1..=171 {
            let kind = if number > 167 { Kind::SubdistrictOffice } else { Kind::Department };
            let unit = registry::Unit {
                name: unit(number),
                title: format!("单位{number}"),
                kind: kind.into(),
                ..Default::default()
            };
            self.tell(&Registry, &unit).await;
        }
        for number in 1..=10 {
            let own = registry::Unit {
                name: own_unit(number),
                title: format!("单位{number}本级"),
                kind: Kind::OwnUnit.into(),
                parent_unit: unit(number),
                ..Default::default()
            };
            self.tell(&Registry, &own).await;
        }
    }
}

fn object(subject: &str, unit: &str, title: &str) -> evaluation::EvaluatedObject {
    evaluation::EvaluatedObject {
        kind: evaluation::evaluated_object::Kind::Project.into(),
        subject: subject.to_owned(),
        unit: unit.to_owned(),
        display_name: title.to_owned(),
        ..Default::default()
    }
}

fn unit(number: usize) -> String {
    name("units", &format!("{:03}", 100 + number))
}

fn own_unit(number: usize) -> String {
    format!("{}001", unit(number))
}

/// The body that files the numbered project: all 171 in turn, the first ten departments also through their own unit.
fn filer(number: usize) -> String {
    match number % 171 + 1 {
        department @ 1..=10 if number.is_multiple_of(2) => own_unit(department),
        body => unit(body),
    }
}

/// The numbered part of a whole that is cut into so many parts, in yuan.
fn part(whole: i64, parts: i64, number: usize) -> i64 {
    if number == 0 { whole - whole / parts * (parts - 1) } else { whole / parts }
}
