//! What a service is to the binary that runs it (服务定义).

use std::sync::Arc;

use sqlx::migrate::Migrator;
use tonic::service::RoutesBuilder;
use wenxiao_kernel::{Clock, DistrictCode};

use crate::cache::Cache;
use crate::clients::Links;
use crate::database::Database;
use crate::projection::Projection;

/// Everything that the suite needs to know of a service, as data.
pub struct ServiceDefinition {
    /// Short name: `registry`. It is the service's schema, role, feed and argument of `serve`.
    pub name: &'static str,
    /// Package of its contract: `wenxiao.registry.v1`.
    pub package: &'static str,
    /// Its policies in Cedar.
    pub policies: &'static str,
    /// Its migrations, numbered from 100; those of the platform come before.
    pub migrations: &'static Migrator,
    /// Builds it and adds its gRPC services.
    pub mount: fn(&Parts, &mut RoutesBuilder) -> Mounted,
}

/// The districts that this process serves: no other exists here, whatever a token or an address says.
#[derive(Clone, Debug, Default)]
pub struct ServedDistricts(Arc<[DistrictCode]>);

impl ServedDistricts {
    /// These districts; none for all.
    pub fn only(districts: &[DistrictCode]) -> Self {
        Self(districts.into())
    }

    /// Whether the district is served.
    pub fn has(&self, district: DistrictCode) -> bool {
        self.0.is_empty() || self.0.contains(&district)
    }
}

/// What a service is built from.
#[derive(Clone)]
pub struct Parts {
    /// Its own schema.
    pub database: Database,
    /// The other services.
    pub links: Links,
    /// The districts that it serves.
    pub served: ServedDistricts,
    /// For what may be a moment old.
    pub cache: Cache,
    /// Time.
    pub clock: Clock,
}

/// What a service runs besides its gRPC services.
#[derive(Default)]
pub struct Mounted {
    /// What it keeps of other services' events.
    pub projections: Vec<Box<dyn Projection>>,
    /// Pages for the ops port: the public portal.
    pub pages: Option<axum::Router>,
    /// What it does by itself until the process ends, such as looking after time limits.
    pub jobs: Vec<futures::future::BoxFuture<'static, ()>>,
}
