//! The way to the suite: one channel, a token for each office that acts, and every call of the contract.
//!
//! Which RPC a request belongs to, and what it answers, stands in the contract's own descriptors; so a step only
//! names the office and fills the request.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use prost::{Message, Name};
use prost_types::FileDescriptorSet;
use tokio::sync::Mutex;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt as _;

/// Time that a call may take; a stream has more.
const DEADLINE: Duration = Duration::from_secs(60);
/// How often a call is made when the suite is not there or somebody was faster.
const ATTEMPTS: u32 = 6;

/// Who acts: a role, held for a unit or by a participant (角色).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Office {
    /// The role's word.
    pub role: &'static str,
    /// Agency code, for unit roles.
    pub unit: String,
    /// Institution, expert or deputy, for guests.
    pub participant: String,
    /// Which of several people in the office; empty for the usual one. Nobody decides on their own work.
    pub person: &'static str,
}

impl Office {
    fn of(role: &'static str) -> Self {
        Self { role, ..Self::default() }
    }

    /// 填报人 of a unit.
    pub fn filer(unit: &str) -> Self {
        Self { unit: unit.to_owned(), ..Self::of("unit_filer") }
    }

    /// 单位负责人.
    pub fn unit_head(unit: &str) -> Self {
        Self { unit: unit.to_owned(), ..Self::of("unit_head") }
    }

    /// 主管部门审核人.
    pub fn department(code: &str) -> Self {
        Self { unit: code.to_owned(), ..Self::of("department_reviewer") }
    }

    /// 财政局绩效科.
    pub fn performance() -> Self {
        Self::of("finance_performance_officer")
    }

    /// 财政局业务科室.
    pub fn business() -> Self {
        Self::of("finance_business_officer")
    }

    /// 财政局领导.
    pub fn head() -> Self {
        Self::of("finance_head")
    }

    /// 第三方机构.
    pub fn institution(id: &str) -> Self {
        Self { participant: id.to_owned(), ..Self::of("third_party_reviewer") }
    }

    /// 专家.
    pub fn expert(id: &str) -> Self {
        Self { participant: id.to_owned(), ..Self::of("expert") }
    }

    /// 人大代表、政协委员.
    pub fn deputy(id: &str) -> Self {
        Self { participant: id.to_owned(), ..Self::of("deputy") }
    }

    /// 国库支付、预算系统.
    pub fn budgeting_system() -> Self {
        Self::of("budgeting_system")
    }

    /// 运维.
    pub fn operations() -> Self {
        Self::of("ops")
    }

    /// Another person in the same office.
    #[must_use]
    pub fn as_person(mut self, person: &'static str) -> Self {
        self.person = person;
        self
    }
}

type Maker = Box<dyn Fn(&Office) -> Result<String> + Send + Sync>;

/// Where tokens come from.
pub enum Tokens {
    /// `wenxiao token`, which signs with the key in the running suite's data folder.
    Command {
        /// The program.
        program: PathBuf,
        /// The suite's data folder.
        data_dir: PathBuf,
        /// District that the roles are held in.
        district: String,
    },
    /// A function.
    Made(Maker),
}

impl Tokens {
    async fn make(&self, office: &Office) -> Result<String> {
        let (program, data_dir, district) = match self {
            Self::Made(make) => return make(office),
            Self::Command { program, data_dir, district } => (program, data_dir, district),
        };
        let mut command = tokio::process::Command::new(program);
        command.arg("token").arg("--data-dir").arg(data_dir);
        command.args(["--role", office.role, "--district", district]);
        if !office.unit.is_empty() {
            command.args(["--unit", &office.unit]);
        }
        if !office.participant.is_empty() {
            command.args(["--institution", &office.participant]);
        }
        if !office.person.is_empty() {
            command.arg("--subject").arg(format!("{}:{}:{}", office.role, office.unit, office.person));
        }
        let output = command.output().await.with_context(|| program.display().to_string())?;
        ensure!(output.status.success(), "wenxiao token: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}

/// Calls the suite in any office.
pub struct Caller {
    channel: Channel,
    tokens: Tokens,
    known: Mutex<HashMap<Office, MetadataValue<Ascii>>>,
    methods: HashMap<String, Method>,
    answered: AtomicU64,
}

struct Method {
    path: PathAndQuery,
    answer: String,
}

impl Caller {
    /// A caller of the suite at `address`, such as `http://127.0.0.1:50051`.
    pub fn new(address: &str, tokens: Tokens) -> Result<Self> {
        let endpoint = Endpoint::from_shared(address.to_owned())?.connect_timeout(Duration::from_secs(5));
        Ok(Self {
            channel: endpoint.connect_lazy(),
            tokens,
            known: Mutex::default(),
            methods: methods()?,
            answered: AtomicU64::new(0),
        })
    }

    /// How many calls have been answered so far.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Makes the call whose request this is; again, with the same request id, when the suite is unavailable or the
    /// call was aborted.
    pub async fn call<A, Q>(&self, office: &Office, request: Q) -> Result<A>
    where
        Q: Message + Name + Clone + Default + 'static,
        A: Message + Name + Default + 'static,
    {
        let path = self.path::<Q, A>()?;
        let token = self.token(office).await?;
        let mut attempt = 1;
        loop {
            let answer = self.once::<Q, A>(path.clone(), token.clone(), request.clone()).await;
            match answer {
                Ok(answer) => {
                    self.answered.fetch_add(1, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(status) if attempt < ATTEMPTS && may_try_again(&status) => {
                    tokio::time::sleep(pause(attempt)).await;
                    attempt += 1;
                }
                Err(status) => return Err(told(&status).context(format!("{path} as {office:?}"))),
            }
        }
    }

    async fn once<Q, A>(
        &self,
        path: PathAndQuery,
        token: MetadataValue<Ascii>,
        message: Q,
    ) -> Result<A, Status>
    where
        Q: Message + Default + 'static,
        A: Message + Default + 'static,
    {
        let mut way = Grpc::new(self.channel.clone());
        ready(&mut way).await?;
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", token);
        request.set_timeout(DEADLINE);
        Ok(way.unary(request, path, ProstCodec::<Q, A>::default()).await?.into_inner())
    }

    /// Streams messages in. What was taken in before an interruption counts once, whenever it is sent again.
    pub async fn stream<A, Q>(&self, office: &Office, messages: Vec<Q>) -> Result<A>
    where
        Q: Message + Name + Clone + Default + 'static,
        A: Message + Name + Default + 'static,
    {
        let path = self.path::<Q, A>()?;
        let token = self.token(office).await?;
        let mut attempt = 1;
        loop {
            let mut way = Grpc::new(self.channel.clone());
            let mut request = Request::new(futures::stream::iter(messages.clone()));
            request.metadata_mut().insert("authorization", token.clone());
            let sent = match ready(&mut way).await {
                Ok(()) => way.client_streaming(request, path.clone(), ProstCodec::<Q, A>::default()).await,
                Err(status) => Err(status),
            };
            match sent {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) if attempt < ATTEMPTS && may_try_again(&status) => {
                    tokio::time::sleep(pause(attempt)).await;
                    attempt += 1;
                }
                Err(status) => return Err(told(&status).context(format!("{path} as {office:?}"))),
            }
        }
    }

    fn path<Q: Name, A: Name>(&self) -> Result<PathAndQuery> {
        let name = Q::full_name();
        let method = self.methods.get(&name).with_context(|| format!("{name} is the request of no call"))?;
        if method.answer != A::full_name() {
            bail!("{name} is answered with {} and not with {}", method.answer, A::full_name());
        }
        Ok(method.path.clone())
    }

    async fn token(&self, office: &Office) -> Result<MetadataValue<Ascii>> {
        if let Some(token) = self.known.lock().await.get(office) {
            return Ok(token.clone());
        }
        let token: MetadataValue<Ascii> = format!("Bearer {}", self.tokens.make(office).await?).parse()?;
        self.known.lock().await.insert(office.clone(), token.clone());
        Ok(token)
    }
}

/// Every call of the contract by the full name of its request.
fn methods() -> Result<HashMap<String, Method>> {
    let set = FileDescriptorSet::decode(wenxiao_contract::DESCRIPTORS)?;
    let mut methods = HashMap::new();
    for file in set.file.iter().filter(|file| file.package().starts_with("wenxiao.")) {
        for service in &file.service {
            for method in &service.method {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                let answer = method.output_type().trim_start_matches('.').to_owned();
                let request = method.input_type().trim_start_matches('.').to_owned();
                methods.insert(request, Method { path: path.parse()?, answer });
            }
        }
    }
    Ok(methods)
}

async fn ready(way: &mut Grpc<Channel>) -> Result<(), Status> {
    way.ready().await.map_err(|error| {
        let mut status = Status::unavailable(error.to_string());
        status.set_source(std::sync::Arc::new(error));
        status
    })
}

/// Whether the suite was not there, somebody was faster, or the connection ended under the call, as it does every
/// minute for the sake of load balancers. The request id keeps a second try from having a second effect.
fn may_try_again(status: &Status) -> bool {
    let connection = std::error::Error::source(status).is_some();
    connection || matches!(status.code(), Code::Unavailable | Code::Aborted)
}

fn pause(attempt: u32) -> Duration {
    Duration::from_millis(50 << attempt.min(6))
}

/// A refusal with everything that the suite said about it.
fn told(status: &Status) -> anyhow::Error {
    let details = status.get_error_details();
    let mut text = format!("{:?}: {}", status.code(), status.message());
    if let Some(info) = details.error_info() {
        text.push_str(&format!(" [{} {:?}]", info.reason, info.metadata));
    }
    for violation in details.bad_request().into_iter().flat_map(|request| &request.field_violations) {
        text.push_str(&format!("\n  {}: {}", violation.field, violation.description));
    }
    anyhow!(text)
}
