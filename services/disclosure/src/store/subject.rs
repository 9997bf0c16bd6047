//! What decisions and notices can be about, as other services' events told it.

use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{Decimal, DistrictCode, Secrecy, name};
use wenxiao_platform::Result;

use super::facts;
use super::figures::Ask;
use crate::domain::rules::Rules;
use crate::domain::subject::{Content, Subject};
use crate::domain::summary;
use crate::names;

/// The subjects with these names, in the order of the names, each with the unit that answers for it, problems and
/// suggestions as they are now, and the unit's name as it was told. Unknown names are left out.
pub async fn load(connection: &mut PgConnection, district: i32, names: &[String]) -> Result<Vec<Subject>> {
    let rows = sqlx::query!(
        r#"select s.name, s.title,
               coalesce(nullif(p.unit, ''), nullif(y.executing_unit, ''), nullif(w.heir, ''), s.unit) as "unit!",
               coalesce(nullif(s.unit_title, ''), u.title, '') as "unit_title!",
               s.evaluated_year, coalesce(nullif(nullif(s.secrecy, ''), 'none'), m.secrecy, s.secrecy) as "secrecy!", s.is_final, s.state, s.score, s.grade,
               s.content as "content: Json<Content>",
               coalesce(f.problems, '{}') as "findings!", coalesce(f.suggestions, '{}') as "suggestions!"
           from unnest($2::text[]) with ordinality as asked(name, place)
           join disclosure.subjects s on s.district = $1 and s.name = asked.name
           left join disclosure.units u on u.district = s.district and u.name = s.unit
           left join disclosure.projects p on p.district = s.district and p.name = s.object
           left join disclosure.policies y on y.district = s.district and y.name = s.object
           left join disclosure.units w on w.district = s.district and w.name = s.object
           left join disclosure.marked_objects m on m.district = s.district and m.name = s.object
           left join lateral (
               select array_agg(problem order by name) filter (where problem <> '') as problems,
                   array_agg(suggestion order by name) filter (where suggestion <> '') as suggestions
               from disclosure.findings
               where district = s.district and source = s.name and not dismissed) f on true
           order by asked.place"#,
        district,
        names,
    )
    .fetch_all(connection)
    .await?;
    let subjects = rows.into_iter().map(|row| Subject {
        name: row.name,
        title: row.title,
        unit: row.unit,
        unit_title: row.unit_title,
        evaluated_year: row.evaluated_year,
        secrecy: super::secrecy(&row.secrecy),
        is_final: row.is_final,
        state: row.state,
        score: row.score,
        grade: super::grade(&row.grade),
        findings: row.findings,
        suggestions: row.suggestions,
        content: row.content.0,
    });
    Ok(subjects.collect())
}

/// The subject of this name: an object that events told of, or the annual summary of a year, composed now. `public`
/// leaves secret objects out of the summary.
pub async fn find(
    connection: &mut PgConnection,
    district: DistrictCode,
    name: &str,
    public: bool,
    rules: &Rules,
) -> Result<Option<Subject>> {
    let code = district.as_i32();
    let Ok([of, year]) = name::segments::<2>(name, names::SUMMARY) else {
        return Ok(load(connection, code, &[name.to_owned()]).await?.pop());
    };
    let Some(year) = year.parse::<i32>().ok().filter(|_| of == district.to_string()) else { return Ok(None) };
    let facts = facts::gather(connection, Ask { district: code, year, public }, rules).await?;
    let summary = summary::compose(&facts, rules);
    Ok(Some(Subject {
        name: name.to_owned(),
        title: summary.title,
        unit: String::new(),
        unit_title: String::new(),
        evaluated_year: year,
        secrecy: Some(Secrecy::None),
        is_final: true,
        state: "composed".to_owned(),
        score: None,
        grade: None,
        findings: Vec::new(),
        suggestions: Vec::new(),
        content: Content::Summary { sections: summary.sections, figures: summary.figures },
    }))
}

/// What is kept of a subject.
pub struct Kept<'s> {
    /// Resource name.
    pub name: &'s str,
    /// Project, policy or unit that it is about: its mark of secrecy holds for the subject, too.
    pub object: &'s str,
    /// Its title.
    pub title: &'s str,
    /// Unit's resource name.
    pub unit: &'s str,
    /// Unit's name, when the event says it.
    pub unit_title: &'s str,
    /// Year that it is about.
    pub evaluated_year: i32,
    /// Secrecy's word, empty when not given.
    pub secrecy: &'static str,
    /// Whether it is final.
    pub is_final: bool,
    /// Its state's word.
    pub state: String,
    /// Score.
    pub score: Option<Decimal>,
    /// Grade's word, empty when not given.
    pub grade: &'static str,
    /// What its documents are made from.
    pub content: Content,
}

/// Keeps a subject in its newest state.
pub async fn keep(connection: &mut PgConnection, district: i32, subject: Kept<'_>) -> Result<()> {
    sqlx::query!(
        "insert into disclosure.subjects (district, name, title, unit, unit_title, evaluated_year, secrecy, is_final, state,
             score, grade, content, object)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (district, name) do update set title = excluded.title, unit = excluded.unit,
             unit_title = excluded.unit_title, evaluated_year = excluded.evaluated_year, secrecy = excluded.secrecy,
             is_final = excluded.is_final, state = excluded.state, score = excluded.score, grade = excluded.grade,
             content = excluded.content, object = excluded.object",
        district,
        subject.name,
        subject.title,
        subject.unit,
        subject.unit_title,
        subject.evaluated_year,
        subject.secrecy,
        subject.is_final,
        subject.state,
        subject.score,
        subject.grade,
        Json(subject.content) as _,
        subject.object,
    )
    .execute(connection)
    .await?;
    Ok(())
}
