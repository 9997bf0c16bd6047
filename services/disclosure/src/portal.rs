//! The public portal (公开门户): plain server-rendered pages of what is published to everybody, from frozen content only.

use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::cache::Cache;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Database, Failure, Parts, Result, ServedDistricts};

use crate::domain::words::Word;
use crate::store::document::{self, Filter, Frozen};

/// How long a page is shown again without being made anew: what is withdrawn stays to be seen for no longer.
pub const MOMENT: Duration = Duration::from_secs(3);
/// Addresses longer than this are none of ours.
const ADDRESS_LIMIT: usize = 512;
/// A page of a hundred documents is far below.
const PAGE_LIMIT_BYTES: usize = 1 << 20;

/// Documents on one page of a list.
const PER_PAGE: i32 = 100;

/// The portal's routes. Everybody sees the same, and many may look at once: pages come from the cache while they are a
/// moment old at the most.
pub fn router(parts: &Parts) -> Router {
    Router::new()
        .route("/portal", get(index))
        .route("/portal/districts/{district}", get(list))
        .route("/portal/districts/{district}/publications/{publication}", get(publication))
        .route("/portal/districts/{district}/publications/{publication}/documents/{document}", get(one))
        .route("/portal/districts/{district}/annualSummaries/{year}", get(summary))
        .with_state(Portal { database: parts.database.clone(), served: parts.served.clone() })
        .layer(middleware::from_fn_with_state(parts.cache.clone(), remembered))
}

/// A page that was made a moment ago, or the page that is made now.
async fn remembered(State(cache): State<Cache>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await; // the answer to HEAD has no page to remember
    }
    let key = format!("portal {}", request.uri());
    if key.len() > ADDRESS_LIMIT {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    if let Some(html) = cache.get(&key).await {
        return Html(html.to_vec()).into_response();
    }
    let (head, body) = next.run(request).await.into_parts();
    let Ok(html) = to_bytes(body, PAGE_LIMIT_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if head.status == StatusCode::OK {
        cache.put(&key, &html, MOMENT).await;
    }
    Response::from_parts(head, html.into())
}

/// Path of a publication's page.
pub fn publication_path(district: DistrictCode, publication: &str) -> String {
    format!("/portal/districts/{district}/publications/{publication}")
}

/// Path of a document's page.
pub fn document_path(district: DistrictCode, publication: &str, document: &str) -> String {
    format!("{}/documents/{document}", publication_path(district, publication))
}

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage {
    districts: Vec<(i32, String)>,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    district: String,
    title: String,
    rows: Vec<ListRow>,
    next: String,
}

struct ListRow {
    path: String,
    title: String,
    unit: String,
    kind: &'static str,
    year: i32,
    date: String,
    withdrawn: bool,
}

#[derive(Template)]
#[template(path = "document.html")]
struct DocumentPage {
    district: String,
    frozen: Frozen,
}

impl DocumentPage {
    fn kind(&self) -> &'static str {
        self.frozen.document.kind.chinese()
    }
}

/// Where a list goes on.
#[derive(serde::Deserialize)]
struct More {
    #[serde(default)]
    after: String,
}

/// What every page is made from.
#[derive(Clone)]
struct Portal {
    database: Database,
    served: ServedDistricts,
}

impl Portal {
    /// The district of an address; one that is not served here is not found.
    fn district(&self, code: &str) -> Result<DistrictCode> {
        let district = code.parse().ok().filter(|district| self.served.has(*district));
        district.ok_or_else(|| Failure::not_found(code))
    }
}

type Shared = State<Portal>;

async fn index(State(portal): Shared) -> Answer {
    let mut read = portal.database.read_across().await?;
    let mut districts = document::districts(read.connection()).await?;
    districts.retain(|(code, _)| DistrictCode::from_i32(*code).is_ok_and(|code| portal.served.has(code)));
    page(&IndexPage { districts })
}

async fn list(State(portal): Shared, Path(code): Path<String>, Query(more): Query<More>) -> Answer {
    let district = portal.district(&code)?;
    let asked = Page::of(PER_PAGE, &more.after, &[&"portal", &district])?;
    let mut read = portal.database.read_district(district).await?;
    let rows =
        document::list_public(read.connection(), district.as_i32(), &Filter::default(), &asked).await?;
    let (rows, next) =
        asked.cut(rows, |row| vec![row.publish_time.to_rfc3339(), row.publication.clone(), row.id.clone()]);
    listed(district, "预算绩效信息公开", &rows, next)
}

async fn publication(State(portal): Shared, Path((code, id)): Path<(String, String)>) -> Answer {
    let district = portal.district(&code)?;
    let asked = Page::of(1000, "", &[&"portal", &district, &id])?;
    let mut read = portal.database.read_district(district).await?;
    let rows = document::list(read.connection(), district.as_i32(), &id, &asked).await?;
    let rows: Vec<Frozen> = rows.into_iter().filter(|row| row.is_public).collect();
    match rows.first() {
        Some(first) => listed(district, first.publication_kind.chinese(), &rows, String::new()),
        None => Err(Failure::not_found(publication_path(district, &id)).into()),
    }
}

async fn one(State(portal): Shared, Path((code, publication, id)): Path<(String, String, String)>) -> Answer {
    let district = portal.district(&code)?;
    let mut read = portal.database.read_district(district).await?;
    let found = document::load(read.connection(), district.as_i32(), &publication, &id).await?;
    shown(district, found, &document_path(district, &publication, &id))
}

async fn summary(State(portal): Shared, Path((code, year)): Path<(String, i32)>) -> Answer {
    let district = portal.district(&code)?;
    let mut read = portal.database.read_district(district).await?;
    let found = match document::newest_summary(read.connection(), district.as_i32(), year).await? {
        Some((publication, id)) => {
            document::load(read.connection(), district.as_i32(), &publication, &id).await?
        }
        None => None,
    };
    shown(district, found, &crate::names::summary(district, year))
}

/// A document's page, when anybody may read it.
fn shown(district: DistrictCode, found: Option<Frozen>, name: &str) -> Answer {
    let frozen = found.filter(|frozen| frozen.is_public).ok_or_else(|| Failure::not_found(name))?;
    page(&DocumentPage { district: district.to_string(), frozen })
}

fn listed(district: DistrictCode, title: &str, rows: &[Frozen], next: String) -> Answer {
    let rows = rows.iter().map(|row| ListRow {
        path: document_path(district, &row.publication, &row.id),
        title: row.document.title.clone(),
        unit: row.document.unit_title.clone(),
        kind: row.document.kind.chinese(),
        year: row.document.evaluated_year,
        date: row.publish_date.to_string(),
        withdrawn: row.withdrawal.is_some(),
    });
    page(&ListPage { district: district.to_string(), title: title.to_owned(), rows: rows.collect(), next })
}

fn page(template: &impl Template) -> Answer {
    Ok(Html(template.render().map_err(Failure::internal)?).into_response())
}

type Answer = std::result::Result<Response, PageError>;

/// A refusal as a page.
struct PageError(Failure);

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'m> {
    message: &'m str,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let status = match self.0.code() {
            tonic::Code::NotFound | tonic::Code::InvalidArgument => StatusCode::NOT_FOUND,
            tonic::Code::Unavailable | tonic::Code::DeadlineExceeded => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let body = ErrorPage { message: self.0.chinese() }.render().unwrap_or_default();
        (status, Html(body)).into_response()
    }
}
