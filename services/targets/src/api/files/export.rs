//! ExportObjectives and DownloadObjectiveTemplate: forms as workbooks, sent while they are made.

mod pack;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rust_xlsxwriter::XlsxError;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::{AmountUnit, DistrictCode, FiscalYear};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database, Failure, Result};

use pack::{Batch, PackError, pack, workbook_of};

use super::workbook::Forms;
use super::{filing_kind_of, layout_of, subject_kind, unit_of};
use crate::domain::objective::{Objective, Subject, UnitRef};
use crate::domain::rules::FrameNode;
use crate::domain::sheet::{self, Head, Layout};
use crate::registry::Registry;
use crate::store::objective::Filter;
use crate::{names, store};

/// Bytes of a message's part of the file.
const PART: usize = 256 << 10;
/// Parts that wait for a slow reader before the server stops writing ahead.
const PARTS: usize = 4;
/// Objectives that are read at once.
const AT_ONCE: i32 = 50;
/// Forms in one workbook at the most.
const SHEETS: usize = 500;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const ZIP: &str = "application/zip";

type Answer = Response<BoxStream<wire::ExportObjectivesResponse>>;
type Parts = mpsc::Sender<Result<wire::ExportObjectivesResponse, Status>>;

/// What an export needs besides the objectives.
#[derive(Clone)]
struct Export {
    database: Database,
    registry: Registry,
    district: DistrictCode,
    layout: Layout,
    amount_unit: AmountUnit,
    frame: Arc<[FrameNode]>,
}

/// A form ready to be laid out.
struct Ready {
    head: Head,
    objective: Objective,
}

/// Sends the forms that match and that the caller may see.
pub async fn export(
    database: &Database,
    registry: &Registry,
    request: Request<wire::ExportObjectivesRequest>,
) -> Result<Answer, Status> {
    let call = Call::open(request)?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let (district, ask) = (call.district()?, &call.message);
    let layout = layout_of(ask.layout());
    let rules = registry.form_rules(district, ask.fiscal_year).await?;
    let export = Export {
        database: database.clone(),
        registry: registry.clone(),
        district,
        layout,
        amount_unit: unit_of(ask.amount_unit()),
        frame: rules.frame.clone().into(),
    };
    let one = ask.objectives.len() == 1;
    let packaging = match ask.packaging() {
        wire::FormPackaging::Unspecified if one => wire::FormPackaging::Workbook,
        packaging => packaging,
    };
    let title = format!("{}{}", ask.fiscal_year, layout.title());
    let named = export.named(&call).await?;
    if packaging == wire::FormPackaging::Workbook {
        let objectives = match named {
            Some(objectives) => objectives,
            None => export.all(&call).await?,
        };
        let ready = export.ready(objectives).await?;
        let workbook = make(move || workbook_of(&ready, &export.frame)).await?;
        return Ok(permit.answer(whole(format!("{title}.xlsx"), XLSX, workbook)));
    }
    let (parts, receiver) = mpsc::channel(PARTS);
    parts.send(Ok(opening(format!("{title}.zip"), ZIP))).await.map_err(Failure::internal)?;
    tokio::spawn(export.zip(call, named, parts));
    Ok(permit.answer(Box::pin(ReceiverStream::new(receiver)) as BoxStream<_>))
}

/// Sends the empty form of a year.
pub async fn template(
    registry: &Registry,
    request: Request<wire::DownloadObjectiveTemplateRequest>,
) -> Result<Answer, Status> {
    let call = Call::open(request)?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let (district, ask) = (call.district()?, &call.message);
    let mut fields = Fields::default();
    let fiscal_year: FiscalYear = fields.year("fiscal_year", ask.fiscal_year);
    fields.check()?;
    let layout = layout_of(ask.layout());
    let rules = registry.form_rules(district, ask.fiscal_year).await?;
    let head = Head {
        layout,
        fiscal_year,
        subject: String::new(),
        title: String::new(),
        department: String::new(),
        unit: String::new(),
        category: String::new(),
        frame: registry.frame_name(district, ask.fiscal_year).await?,
        amount_unit: unit_of(ask.amount_unit()),
    };
    let workbook = make(move || {
        let mut forms = Forms::new();
        forms.add_template(layout.title(), &sheet::blank(&head, &rules.frame), &rules.frame)?;
        forms.finish()
    })
    .await?;
    let name = format!("{}{}模板.xlsx", ask.fiscal_year, layout.title());
    Ok(permit.answer(whole(name, XLSX, workbook)))
}

/// Makes a workbook away from the threads that answer calls.
async fn make(
    work: impl FnOnce() -> std::result::Result<Vec<u8>, XlsxError> + Send + 'static,
) -> Result<Vec<u8>> {
    let made = tokio::task::spawn_blocking(work).await.map_err(Failure::internal)?;
    made.map_err(Failure::internal)
}

fn opening(file_name: String, content_type: &str) -> wire::ExportObjectivesResponse {
    wire::ExportObjectivesResponse { file_name, content_type: content_type.to_owned(), chunk: Vec::new() }
}

/// A file that is there already, as a stream.
fn whole(name: String, content_type: &str, content: Vec<u8>) -> BoxStream<wire::ExportObjectivesResponse> {
    let mut opening = Some(opening(name, content_type));
    let parts: Vec<_> = content.chunks(PART).map(<[u8]>::to_vec).collect();
    let parts = parts
        .into_iter()
        .map(move |chunk| Ok(wire::ExportObjectivesResponse { chunk, ..opening.take().unwrap_or_default() }));
    Box::pin(tokio_stream::iter(parts))
}

impl Export {
    /// The objectives that the request names, in the order of their identifiers; `None` when it names none.
    async fn named(&self, call: &Call<wire::ExportObjectivesRequest>) -> Result<Option<Vec<Objective>>> {
        let ask = &call.message;
        if ask.objectives.is_empty() {
            return Ok(None);
        }
        let mut ids = Vec::with_capacity(ask.objectives.len());
        for name in &ask.objectives {
            ids.push(names::referred(self.district, "objectives", name, names::OBJECTIVE)?);
        }
        let mut read = self.database.read(call).await?;
        let mut found = store::objective::load_many(read.connection(), self.district, &ids).await?;
        let scope = call.scope();
        found.retain(|one| scope.unit_prefix.as_ref().is_none_or(|prefix| one.unit.code.starts_with(prefix)));
        for (id, name) in ids.iter().zip(&ask.objectives) {
            let one = found.iter().find(|one| one.id == *id).ok_or_else(|| Failure::not_found(name))?;
            let fits = one.subject.parts().0 == subject_kind(self.layout)
                && one.fiscal_year.as_i32() == ask.fiscal_year;
            if let Subject::Policy(_) = one.subject {
                let chinese =
                    format!("“{}”是政策绩效目标，政策没有规定的表式，不能导出为表格", one.display_name);
                let english = format!("{name} is of a policy: no official form is printed for policies");
                return Err(Failure::invalid_field("objectives", chinese, english));
            }
            if !fits {
                let chinese = format!("“{}”不属于这种表或这个年度", one.display_name);
                let english = format!("{name} is of another layout or year");
                return Err(Failure::invalid_field("objectives", chinese, english));
            }
        }
        Ok(Some(found))
    }

    /// A page of the objectives that match, and the token of the next.
    async fn page(
        &self,
        call: &Call<wire::ExportObjectivesRequest>,
        token: &str,
    ) -> Result<(Vec<Objective>, String)> {
        let (ask, scope) = (&call.message, call.scope());
        let page = Page::of(AT_ONCE, token, &[call.method(), &ask.parent, &ask.fiscal_year])?;
        let filter = Filter {
            districts: Some(vec![self.district.as_i32()]),
            fiscal_year: ask.fiscal_year,
            unit: (!ask.unit.is_empty()).then(|| names::last(&ask.unit).to_owned()),
            filing_kind: Some(filing_kind_of(ask.filing_kind()).as_str()),
            subject_kind: Some(subject_kind(self.layout)),
            unit_prefix: scope.unit_prefix,
            participant: scope.participant,
            ..Filter::default()
        };
        let mut read = self.database.read_district(self.district).await?;
        let rows = store::objective::list(read.connection(), &filter, &page).await?;
        let (rows, next) = page.cut(rows, |(district, row)| vec![district.to_string(), row.id.clone()]);
        Ok((rows.into_iter().map(|(_, row)| row).collect(), next))
    }

    /// All that match, for one workbook.
    async fn all(&self, call: &Call<wire::ExportObjectivesRequest>) -> Result<Vec<Objective>> {
        let (mut all, mut token) = (Vec::new(), String::new());
        loop {
            let (rows, next) = self.page(call, &token).await?;
            all.extend(rows);
            if all.len() > SHEETS {
                return Err(Failure::precondition(
                    ErrorReason::ExportTooLarge,
                    format!("超过{SHEETS}张表，一个工作簿放不下，请导出压缩包"),
                    format!("more than {SHEETS} forms match: export a zip"),
                )
                .with("limit", SHEETS.to_string()));
            }
            if next.is_empty() {
                return Ok(all);
            }
            token = next;
        }
    }

    /// Forms with what their heads print.
    async fn ready(&self, objectives: Vec<Objective>) -> Result<Vec<Ready>> {
        let units: BTreeSet<String> =
            objectives.iter().flat_map(|one| [one.unit.id.clone(), one.department.id.clone()]).collect();
        let titles = self.registry.unit_titles(self.district, units).await?;
        let categories = match self.layout {
            Layout::Project => {
                let ids: Vec<String> =
                    objectives.iter().map(|one| one.subject.parts().1.to_owned()).collect();
                self.registry.project_categories(self.district, &ids).await?
            }
            Layout::WholeDepartment => HashMap::new(),
        };
        let printed = |unit: &UnitRef| match titles.get(&unit.id) {
            Some(title) => format!("{}-{title}", unit.code),
            None => unit.code.clone(),
        };
        let ready = objectives.into_iter().map(|objective| {
            let head = Head {
                layout: self.layout,
                fiscal_year: objective.fiscal_year,
                subject: objective.subject.parts().1.to_owned(),
                title: objective.display_name.clone(),
                department: printed(&objective.department),
                unit: printed(&objective.unit),
                category: categories.get(objective.subject.parts().1).cloned().unwrap_or_default(),
                frame: objective.form.frame.clone(),
                amount_unit: self.amount_unit,
            };
            Ready { head, objective }
        });
        Ok(ready.collect())
    }

    /// Sends a zip: one task reads objectives, another lays them out and packs them, both as fast as the caller reads.
    async fn zip(
        self,
        call: Call<wire::ExportObjectivesRequest>,
        named: Option<Vec<Objective>>,
        parts: Parts,
    ) {
        let (batches, received) = mpsc::channel(1);
        let (frame, to) = (self.frame.clone(), parts.clone());
        let packing = tokio::task::spawn_blocking(move || pack(received, &frame, to));
        let read = self.feed(&call, named, batches).await;
        let packed = packing.await.map_err(Failure::internal);
        let packed = packed.and_then(|packed| match packed {
            Err(PackError::Gone) => Ok(()), // the caller has gone: nobody is to be told
            other => other.map_err(Failure::internal),
        });
        if let Err(failure) = read.and(packed) {
            let _gone = parts.send(Err(failure.into_status())).await;
        }
    }

    async fn feed(
        &self,
        call: &Call<wire::ExportObjectivesRequest>,
        named: Option<Vec<Objective>>,
        batches: mpsc::Sender<Batch>,
    ) -> Result<()> {
        let send = |batch: Batch| async { batches.send(batch).await.is_ok() };
        if let Some(objectives) = named {
            send(Batch::Forms(self.ready(objectives).await?)).await;
        } else {
            let mut token = String::new();
            loop {
                let (rows, next) = self.page(call, &token).await?;
                if !send(Batch::Forms(self.ready(rows).await?)).await {
                    return Ok(());
                }
                if next.is_empty() {
                    break;
                }
                token = next;
            }
        }
        send(Batch::End).await;
        Ok(())
    }
}
