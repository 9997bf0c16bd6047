//! LibraryService (规则与指标库).

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_contract::wenxiao::registry::v1::library_service_server::LibraryService;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database, Failure};

use super::resource::{self, Around, Reading, Resource, page_of, today};
use super::wire::{self, Reader, word};
use super::{proposal, recommendation, rules};
use crate::domain::frame::{self, Frame};
use crate::domain::indicator::Indicator;
use crate::domain::rule_set::{self, RuleSet};
use crate::domain::template::Template;
use crate::store::library::{self as store, IndicatorFilter};
use crate::store::{self as all, Kept, Window};

type Answer<T> = Result<Response<T>, Status>;

/// Answers LibraryService.
pub struct LibraryApi {
    database: Database,
}

impl LibraryApi {
    /// On a database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[tonic::async_trait]
impl LibraryService for LibraryApi {
    async fn create_rule_set(&self, request: Request<pb::CreateRuleSetRequest>) -> Answer<pb::RuleSet> {
        Ok(self.database.write(Call::open(request)?, rules::create).await?)
    }

    async fn get_rule_set(&self, request: Request<pb::GetRuleSetRequest>) -> Answer<pb::RuleSet> {
        Ok(resource::get::<_, RuleSet>(&self.database, request).await?)
    }

    async fn list_rule_sets(
        &self,
        request: Request<pb::ListRuleSetsRequest>,
    ) -> Answer<pb::ListRuleSetsResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let mut fields = Fields::default();
        let day = fields.optional_date("effective_date", ask.effective_date.as_ref());
        fields.check()?;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.layer, &format!("{day:?}")],
        )?;
        let layer = word(ask.layer().as_str_name(), "LAYER_");
        let mut read = Reading::open(&self.database, &call).await?;
        let rows =
            all::rule_set::list_rule_sets(read.connection(), &Window::of(&call, &page), layer, day).await?;
        let (rule_sets, next_page_token) = page_of(&page, rows, today(self.database.clock().now()));
        Ok(permit.answer(pb::ListRuleSetsResponse { rule_sets, next_page_token }))
    }

    async fn update_rule_set(&self, request: Request<pb::UpdateRuleSetRequest>) -> Answer<pb::RuleSet> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, RuleSet>(work, ask.rule_set, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn end_rule_set(&self, request: Request<pb::EndRuleSetRequest>) -> Answer<pb::RuleSet> {
        let done = self.database.write(Call::open(request)?, |work| async move {
            let mut reader = Reader::new(work.district);
            let day = reader.fields.date("end_date", work.call.message.end_date.as_ref());
            let day = reader.done(day)?;
            let reason = work.call.message.reason.clone();
            resource::transition::<_, RuleSet>(work, "rule_set.ended", reason, move |set, today| {
                set.version = set.version.saturating_add(1);
                set.end(day, today)
            })
            .await
        });
        Ok(done.await?)
    }

    async fn get_effective_rule_set(
        &self,
        request: Request<pb::GetEffectiveRuleSetRequest>,
    ) -> Answer<pb::EffectiveRuleSet> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let day = rules::day_of(call.message.effective_date.as_ref(), call.message.fiscal_year)?;
        let mut read = self.database.read(&call).await?;
        let sets = all::rule_set::all_rule_sets(read.connection(), district).await?;
        let rules = rule_set::effective(&sets, day).map_err(Failure::from)?;
        Ok(permit.answer(wire::effective(district, day, &rules)?))
    }

    async fn validate_rule_set(
        &self,
        request: Request<pb::ValidateRuleSetRequest>,
    ) -> Answer<pb::ValidateRuleSetResponse> {
        Ok(rules::validate(&self.database, Call::open(request)?).await?)
    }

    async fn compare_rule_sets(
        &self,
        request: Request<pb::CompareRuleSetsRequest>,
    ) -> Answer<pb::CompareRuleSetsResponse> {
        Ok(rules::compare(&self.database, Call::open(request)?).await?)
    }

    async fn explain_rule(
        &self,
        request: Request<pb::ExplainRuleRequest>,
    ) -> Answer<pb::ExplainRuleResponse> {
        Ok(rules::explain(&self.database, Call::open(request)?).await?)
    }

    async fn create_indicator_frame(
        &self,
        request: Request<pb::CreateIndicatorFrameRequest>,
    ) -> Answer<pb::IndicatorFrame> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::create::<_, Frame>(work, ask.indicator_frame, ask.indicator_frame_id)
        });
        Ok(done.await?)
    }

    async fn get_indicator_frame(
        &self,
        request: Request<pb::GetIndicatorFrameRequest>,
    ) -> Answer<pb::IndicatorFrame> {
        Ok(resource::get::<_, Frame>(&self.database, request).await?)
    }

    async fn list_indicator_frames(
        &self,
        request: Request<pb::ListIndicatorFramesRequest>,
    ) -> Answer<pb::ListIndicatorFramesResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.fiscal_year])?;
        let year = (ask.fiscal_year != 0).then_some(ask.fiscal_year);
        let mut read = Reading::open(&self.database, &call).await?;
        let rows = store::list_frames(read.connection(), &Window::of(&call, &page), year).await?;
        let (indicator_frames, next_page_token) = page_of(&page, rows, today(self.database.clock().now()));
        Ok(permit.answer(pb::ListIndicatorFramesResponse { indicator_frames, next_page_token }))
    }

    async fn update_indicator_frame(
        &self,
        request: Request<pb::UpdateIndicatorFrameRequest>,
    ) -> Answer<pb::IndicatorFrame> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, Frame>(work, ask.indicator_frame, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn get_effective_indicator_frame(
        &self,
        request: Request<pb::GetEffectiveIndicatorFrameRequest>,
    ) -> Answer<pb::IndicatorFrame> {
        let call = Call::open(request)?;
        let district = call.district()?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let mut fields = Fields::default();
        let year = fields.year("fiscal_year", call.message.fiscal_year);
        fields.check()?;
        let today = today(self.database.clock().now());
        let mut read = self.database.read(&call).await?;
        let frames = wire::library::frames(Around { connection: read.connection(), district, today }).await?;
        let id = frame::effective(&frames, year).map_err(Failure::from)?.id.clone();
        let stored = Frame::load(read.connection(), district, &id).await?;
        let stored =
            stored.ok_or_else(|| Failure::not_found(resource::name_of(district, Frame::COLLECTION, &id)))?;
        Ok(permit.answer(Frame::show(&stored, today)))
    }

    async fn create_indicator(&self, request: Request<pb::CreateIndicatorRequest>) -> Answer<pb::Indicator> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            let code = ask.indicator.as_ref().map(|one| one.code.clone()).unwrap_or_default();
            let id = if ask.indicator_id.is_empty() { code } else { ask.indicator_id };
            resource::create::<_, Indicator>(work, ask.indicator, id)
        });
        Ok(done.await?)
    }

    async fn get_indicator(&self, request: Request<pb::GetIndicatorRequest>) -> Answer<pb::Indicator> {
        Ok(resource::get::<_, Indicator>(&self.database, request).await?)
    }

    async fn list_indicators(
        &self,
        request: Request<pb::ListIndicatorsRequest>,
    ) -> Answer<pb::ListIndicatorsResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[
                call.method(),
                &ask.parent,
                &ask.indicator_frame,
                &ask.node_code,
                &ask.unit,
                &ask.state,
                &ask.query,
                &ask.level_one_code,
                &ask.project_category,
                &format!("{:?} {:?}", ask.enabled_date, ask.common),
            ],
        )?;
        let mut fields = Fields::default();
        let enabled = fields.optional_date("enabled_date", ask.enabled_date.as_ref());
        fields.check()?;
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let filter = IndicatorFilter {
            frame: wire::last(&ask.indicator_frame),
            node_code: text(&ask.node_code),
            unit: wire::last(&ask.unit),
            state: word(ask.state().as_str_name(), "STATE_"),
            text: text(&ask.query),
            level_one: text(&ask.level_one_code),
            category: wire::library::category_of(ask.project_category()),
            enabled,
            common: ask.common,
        };
        let mut read = Reading::open(&self.database, &call).await?;
        let rows = store::list_indicators(read.connection(), &Window::of(&call, &page), &filter).await?;
        let (indicators, next_page_token) = page_of(&page, rows, today(self.database.clock().now()));
        Ok(permit.answer(pb::ListIndicatorsResponse { indicators, next_page_token }))
    }

    async fn update_indicator(&self, request: Request<pb::UpdateIndicatorRequest>) -> Answer<pb::Indicator> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, Indicator>(work, ask.indicator, ask.update_mask)
        });
        Ok(done.await?)
    }

    async fn propose_indicator(
        &self,
        request: Request<pb::ProposeIndicatorRequest>,
    ) -> Answer<pb::Indicator> {
        Ok(self.database.write(Call::open(request)?, proposal::propose).await?)
    }

    async fn endorse_indicator(
        &self,
        request: Request<pb::EndorseIndicatorRequest>,
    ) -> Answer<pb::Indicator> {
        let done = self.database.write(Call::open(request)?, |work| {
            let now = work.now;
            resource::transition::<_, Indicator>(work, "indicator.endorsed", String::new(), move |one, _| {
                one.endorse(now)
            })
        });
        Ok(done.await?)
    }

    async fn refuse_indicator(&self, request: Request<pb::RefuseIndicatorRequest>) -> Answer<pb::Indicator> {
        let done = self.database.write(Call::open(request)?, |work| {
            let reason = work.call.message.reason.clone();
            resource::transition::<_, Indicator>(work, "indicator.refused", reason.clone(), move |one, _| {
                one.refuse(&reason)
            })
        });
        Ok(done.await?)
    }

    async fn recommend_indicators(
        &self,
        request: Request<pb::RecommendIndicatorsRequest>,
    ) -> Answer<pb::RecommendIndicatorsResponse> {
        Ok(recommendation::recommend(&self.database, Call::open(request)?).await?)
    }

    async fn confirm_indicator(
        &self,
        request: Request<pb::ConfirmIndicatorRequest>,
    ) -> Answer<pb::Indicator> {
        let done = self.database.write(Call::open(request)?, |work| {
            resource::transition::<_, Indicator>(work, "indicator.confirmed", String::new(), |one, _| {
                one.confirm()
            })
        });
        Ok(done.await?)
    }

    async fn retire_indicator(&self, request: Request<pb::RetireIndicatorRequest>) -> Answer<pb::Indicator> {
        let done = self.database.write(Call::open(request)?, |work| async move {
            let mut reader = Reader::new(work.district);
            let day = reader.fields.optional_date("end_date", work.call.message.end_date.as_ref());
            let day = reader.done(day)?;
            let reason = work.call.message.reason.clone();
            resource::transition::<_, Indicator>(work, "indicator.retired", reason, move |one, today| {
                one.retire(day.unwrap_or(today), today)
            })
            .await
        });
        Ok(done.await?)
    }

    async fn create_template(&self, request: Request<pb::CreateTemplateRequest>) -> Answer<pb::Template> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::create::<_, Template>(work, ask.template, ask.template_id)
        });
        Ok(done.await?)
    }

    async fn get_template(&self, request: Request<pb::GetTemplateRequest>) -> Answer<pb::Template> {
        Ok(resource::get::<_, Template>(&self.database, request).await?)
    }

    async fn list_templates(
        &self,
        request: Request<pb::ListTemplatesRequest>,
    ) -> Answer<pb::ListTemplatesResponse> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let ask = &call.message;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.kind, &ask.fiscal_year],
        )?;
        let (kind, year) =
            (word(ask.kind().as_str_name(), "KIND_"), (ask.fiscal_year != 0).then_some(ask.fiscal_year));
        let mut read = Reading::open(&self.database, &call).await?;
        let rows = store::list_templates(read.connection(), &Window::of(&call, &page), kind, year).await?;
        let (templates, next_page_token) = page_of(&page, rows, today(self.database.clock().now()));
        Ok(permit.answer(pb::ListTemplatesResponse { templates, next_page_token }))
    }

    async fn update_template(&self, request: Request<pb::UpdateTemplateRequest>) -> Answer<pb::Template> {
        let done = self.database.write(Call::open(request)?, |work| {
            let ask = work.call.message.clone();
            resource::update::<_, Template>(work, ask.template, ask.update_mask)
        });
        Ok(done.await?)
    }
}
