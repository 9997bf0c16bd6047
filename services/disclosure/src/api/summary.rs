//! Coverage, statistics and the annual summary (统计与总结).

use std::sync::Arc;

use sqlx::PgConnection;
use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::disclosure::v1::summary_service_server::SummaryService;
use wenxiao_contract::wenxiao::disclosure::v1::*;
use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Call, Failure, Result as Outcome, projection};

use super::{DisclosureApi, convert, figure, summary_case, year_of};
use crate::domain::rules::Rules;
use crate::domain::summary;
use crate::projections::FEEDS;
use crate::store::figures::Ask;
use crate::{names, store};

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl SummaryService for DisclosureApi {
    async fn get_coverage(&self, ask: Request<GetCoverageRequest>) -> Answer<Coverage> {
        let call = Call::open(ask)?;
        let name = &call.message.name;
        let permit = call.permit(Facts::of(name))?;
        let ask = asked(&call, name, names::COVERAGE, call.message.public_view)?;
        let mut read = self.database.read(&call).await?;
        let facts = store::facts::gather(read.connection(), ask, &self.rules).await?;
        let stage_coverages = figure::stage_coverages(&facts);
        Ok(permit.answer(Coverage { name: name.clone(), stage_coverages }))
    }

    async fn get_statistics(&self, ask: Request<GetStatisticsRequest>) -> Answer<Statistics> {
        let call = Call::open(ask)?;
        let name = &call.message.name;
        let permit = call.permit(Facts::of(name))?;
        let ask = asked(&call, name, names::STATISTICS, call.message.public_view)?;
        let mut read = self.database.read(&call).await?;
        let stages = store::statistics::statistics(read.connection(), ask).await?;
        let stage_statistics = stages.iter().map(figure::stage_statistics).collect();
        Ok(permit.answer(Statistics { name: name.clone(), stage_statistics }))
    }

    async fn get_annual_summary(&self, ask: Request<GetAnnualSummaryRequest>) -> Answer<AnnualSummary> {
        let call = Call::open(ask)?;
        let name = &call.message.name;
        let permit = call.permit(Facts::of(name))?;
        let ask = asked(&call, name, names::SUMMARY, call.message.public_view)?;
        let mut read = self.database.read(&call).await?;
        let (message, _) = composed(read.connection(), call.district()?, ask, &self.rules).await?;
        Ok(permit.answer(message))
    }

    async fn get_city_summary(&self, ask: Request<GetCitySummaryRequest>) -> Answer<CitySummary> {
        let call = Call::open(ask)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let year = call.message.work_year;
        let (mut districts, mut figures, mut unreachable) = (Vec::new(), Vec::new(), Vec::new());
        for district in call.districts().unwrap_or_default() {
            let ask = Ask { district: district.as_i32(), year, public: false };
            match self.read_summary(district, ask).await {
                Ok((mut message, found)) => {
                    message.sections.clear();
                    figures.push((format!("districts/{district}"), found));
                    districts.push(message);
                }
                Err(failure) => {
                    tracing::warn!(%failure, %district, "a district is missing from the city's summary");
                    unreachable.push(format!("districts/{district}"));
                }
            }
        }
        let totals = summary::totals(&figures, year, &self.rules);
        let totals = totals.iter().map(figure::figure).collect();
        Ok(permit.answer(CitySummary { work_year: year, districts, totals, unreachable }))
    }

    async fn get_summary_case(&self, ask: Request<GetSummaryCaseRequest>) -> Answer<SummaryCase> {
        Ok(summary_case::get(&self.database, Call::open(ask)?).await?)
    }

    async fn list_summary_cases(
        &self,
        ask: Request<ListSummaryCasesRequest>,
    ) -> Answer<ListSummaryCasesResponse> {
        Ok(summary_case::list(&self.database, Call::open(ask)?).await?)
    }

    async fn create_summary_case(&self, ask: Request<CreateSummaryCaseRequest>) -> Answer<SummaryCase> {
        Ok(self.database.write(Call::open(ask)?, summary_case::create).await?)
    }

    async fn update_summary_case(&self, ask: Request<UpdateSummaryCaseRequest>) -> Answer<SummaryCase> {
        Ok(self.database.write(Call::open(ask)?, summary_case::update).await?)
    }

    async fn get_freshness(&self, ask: Request<GetFreshnessRequest>) -> Answer<Freshness> {
        let call = Call::open(ask)?;
        let name = &call.message.name;
        let permit = call.permit(Facts::of(name))?;
        let [_] = name::segments::<1>(name, names::FRESHNESS).map_err(Failure::from)?;
        let mut read = self.database.read(&call).await?;
        let feeds = freshness(read.connection(), call.district()?).await?;
        Ok(permit.answer(Freshness { name: name.clone(), feeds }))
    }
}

impl DisclosureApi {
    async fn read_summary(
        &self,
        district: DistrictCode,
        ask: Ask,
    ) -> Outcome<(AnnualSummary, Vec<crate::domain::figure::Figure>)> {
        let mut read = self.database.read_district(district).await?;
        composed(read.connection(), district, ask, &self.rules).await
    }
}

/// The summary of a year, with its figures as the domain has them.
async fn composed(
    connection: &mut PgConnection,
    district: DistrictCode,
    ask: Ask,
    rules: &Arc<Rules>,
) -> Outcome<(AnnualSummary, Vec<crate::domain::figure::Figure>)> {
    let facts = store::facts::gather(connection, ask, rules).await?;
    let summary = summary::compose(&facts, rules);
    let message = AnnualSummary {
        name: names::summary(district, ask.year),
        work_year: ask.year,
        title: summary.title,
        figures: summary.figures.iter().map(figure::figure).collect(),
        sections: convert::sections(&summary.sections),
        public_view: ask.public,
        mismatches: summary.mismatches,
        feeds: freshness(connection, district).await?,
    };
    Ok((message, summary.figures))
}

/// Every feed that is followed, also those of which nothing has come yet.
async fn freshness(connection: &mut PgConnection, district: DistrictCode) -> Outcome<Vec<FeedFreshness>> {
    let progress = projection::progress(connection, district).await?;
    let applied =
        |feed: &str| progress.iter().find(|(known, _)| known == feed).map_or(0, |(_, sequence)| *sequence);
    let entry = |feed: &str| FeedFreshness { feed: feed.to_owned(), applied_sequence: applied(feed) };
    Ok(FEEDS.iter().map(|feed| entry(feed)).collect())
}

fn asked<M>(call: &Call<M>, name: &str, pattern: &'static str, public: bool) -> Outcome<Ask> {
    let [_, year] = name::segments(name, pattern)?;
    Ok(Ask { district: call.district()?.as_i32(), year: year_of(year, name)?, public })
}
