//! What anyone may read without a token (公开目录). Only frozen documents marked public are reachable from here.

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::disclosure::v1::catalog_service_server::CatalogService;
use wenxiao_contract::wenxiao::disclosure::v1::{
    GetCatalogDocumentRequest, GetCatalogSummaryRequest, ListCatalogDocumentsRequest,
    ListCatalogDocumentsResponse, PublishedDocument,
};
use wenxiao_kernel::name;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Failure};

use super::{DisclosureApi, convert, year_of};
use crate::{names, store};

#[tonic::async_trait]
impl CatalogService for DisclosureApi {
    async fn get_catalog_document(
        &self,
        ask: Request<GetCatalogDocumentRequest>,
    ) -> Result<Response<PublishedDocument>, Status> {
        let call = Call::open(ask)?;
        let name = &call.message.name;
        let permit = call.permit(Facts::of(name))?;
        let [_, publication, id] = name::segments(name, names::DOCUMENT).map_err(Failure::from)?;
        let district = call.district()?;
        let mut read = self.database.read(&call).await?;
        let found = store::document::load(read.connection(), district.as_i32(), publication, id).await?;
        let frozen = found.filter(|frozen| frozen.is_public).ok_or_else(|| Failure::not_found(name))?;
        Ok(permit.answer(convert::public_document(district, &frozen)))
    }

    async fn list_catalog_documents(
        &self,
        ask: Request<ListCatalogDocumentsRequest>,
    ) -> Result<Response<ListCatalogDocumentsResponse>, Status> {
        let call = Call::open(ask)?;
        let ask = &call.message;
        let permit = call.permit(Facts::of(&ask.parent))?;
        let district = call.district()?;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.kind, &ask.evaluated_year],
        )?;
        let filter = store::document::Filter {
            kind: convert::member(ask.kind().as_str_name(), "DOCUMENT_KIND_"),
            evaluated_year: ask.evaluated_year,
        };
        let mut read = self.database.read(&call).await?;
        let rows = store::document::list_public(read.connection(), district.as_i32(), &filter, &page).await?;
        let (rows, next_page_token) = page
            .cut(rows, |row| vec![row.publish_time.to_rfc3339(), row.publication.clone(), row.id.clone()]);
        let documents = rows.iter().map(|row| convert::public_document(district, row)).collect();
        Ok(permit.answer(ListCatalogDocumentsResponse { documents, next_page_token }))
    }

    async fn get_catalog_summary(
        &self,
        ask: Request<GetCatalogSummaryRequest>,
    ) -> Result<Response<PublishedDocument>, Status> {
        let call = Call::open(ask)?;
        let name = &call.message.name;
        let permit = call.permit(Facts::of(name))?;
        let [_, year] = name::segments(name, names::SUMMARY).map_err(Failure::from)?;
        let district = call.district()?;
        let mut read = self.database.read(&call).await?;
        let year = year_of(year, name)?;
        let newest = store::document::newest_summary(read.connection(), district.as_i32(), year).await?;
        let (publication, id) = newest.ok_or_else(|| Failure::not_found(name))?;
        let found = store::document::load(read.connection(), district.as_i32(), &publication, &id).await?;
        let frozen = found.ok_or_else(|| Failure::not_found(name))?;
        Ok(permit.answer(convert::public_document(district, &frozen)))
    }
}
