//! ExportObjectives and DownloadObjectiveTemplate: forms as workbooks, sent while they are made.

use std::collections::BTreeSet;
use std::io::{self, Write};
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
use zip::ZipWriter;
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter};

use super::workbook::Forms;
use super::{layout_of, subject_kind, unit_of};
use crate::domain::objective::{FilingKind, Objective};
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
/// Characters of a file's name at the most, without its ending (FILE_NAME of the national standard has 50).
const NAME: usize = 45;

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
    /// The objectives that the request names, in its order; `None` when it names none.
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
        let page = Page::of(AT_ONCE, token, &[call.method(), &ask.parent, &ask.fiscal_year, &ask.unit])?;
        let filter = Filter {
            districts: Some(vec![self.district.as_i32()]),
            fiscal_year: ask.fiscal_year,
            unit: (!ask.unit.is_empty()).then(|| names::last(&ask.unit).to_owned()),
            filing_kind: Some(FilingKind::Annual.as_str()),
            unit_prefix: scope.unit_prefix,
            participant: scope.participant,
            ..Filter::default()
        };
        let mut read = self.database.read_district(self.district).await?;
        let rows = store::objective::list(read.connection(), &filter, &page).await?;
        let (rows, next) = page.cut(rows, |(district, row)| vec![district.to_string(), row.id.clone()]);
        let of_layout = |row: &Objective| row.subject.parts().0 == subject_kind(self.layout);
        Ok((rows.into_iter().map(|(_, row)| row).filter(of_layout).collect(), next))
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
        let printed = |unit: &crate::domain::objective::UnitRef| match titles.get(&unit.id) {
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

/// What the reading task hands to the packing one.
enum Batch {
    Forms(Vec<Ready>),
    /// All is there. Without it the archive stays unfinished, so that half of it is not taken for the whole.
    End,
}

#[derive(Debug, thiserror::Error)]
enum PackError {
    #[error("nobody reads any more")]
    Gone,
    #[error(transparent)]
    Workbook(#[from] XlsxError),
    #[error(transparent)]
    Archive(ZipError),
    #[error(transparent)]
    Io(io::Error),
}

impl From<ZipError> for PackError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => error.into(),
            error => Self::Archive(error),
        }
    }
}

impl From<io::Error> for PackError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Gone } else { Self::Io(error) }
    }
}

fn pack(mut batches: mpsc::Receiver<Batch>, frame: &[FrameNode], parts: Parts) -> Result<(), PackError> {
    let mut archive = ZipWriter::new_stream(Pipe { parts, pending: Vec::new() });
    while let Some(batch) = batches.blocking_recv() {
        match batch {
            Batch::Forms(forms) => {
                for form in forms {
                    add(&mut archive, &form, frame)?;
                }
            }
            Batch::End => {
                archive.finish()?.into_inner().flush()?;
                return Ok(());
            }
        }
    }
    Ok(())
}

/// One form as a workbook of its own. Workbooks are packed already.
fn add(
    archive: &mut ZipWriter<StreamWriter<Pipe>>,
    form: &Ready,
    frame: &[FrameNode],
) -> Result<(), PackError> {
    let workbook = workbook_of(std::slice::from_ref(form), frame)?;
    let allowed =
        |c: &char| !matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|') && !c.is_control();
    // The subject is the first part: names differ whatever is cut off behind it. Forms of another filing say so.
    let filing = if form.objective.filing_kind == FilingKind::MidYear { "年中追加-" } else { "" };
    let name = format!("{}-{filing}{}", form.head.subject, form.head.title);
    let name: String = name.chars().filter(allowed).take(NAME.max(form.head.subject.len())).collect();
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file(format!("{name}.xlsx"), options)?;
    archive.write_all(&workbook)?;
    Ok(())
}

fn workbook_of(forms: &[Ready], frame: &[FrameNode]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Forms::new();
    for form in forms {
        book.add(&form.head.title, &sheet::plan(&form.head, &form.objective.form, frame))?;
    }
    book.finish()
}

/// Bytes into messages, as fast as they are read.
struct Pipe {
    parts: Parts,
    pending: Vec<u8>,
}

impl Pipe {
    fn send(&mut self) -> io::Result<()> {
        let chunk = std::mem::take(&mut self.pending);
        let message = wire::ExportObjectivesResponse { chunk, ..Default::default() };
        self.parts.blocking_send(Ok(message)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= PART {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() { Ok(()) } else { self.send() }
    }
}
