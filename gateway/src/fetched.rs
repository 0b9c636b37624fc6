//! An image that is named by its address, from a host that the operator allows.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{Request, StatusCode};
use tokio::time::timeout;
use trainyard_api::Problem;
use trainyard_events::TenantId;
use trainyard_events::limits::IMAGE_BYTES;
use trainyard_fetch::{Allowed, Http, Trusted};
use url::Url;

/// What an image may take to come.
const TIME: Duration = Duration::from_secs(10);

/// Who asks for images.
pub(crate) struct Images {
    hosts: Vec<Allowed>,
    /// `None` where no host is allowed.
    http: Option<Http>,
}

impl Images {
    pub(crate) fn new(hosts: Vec<Allowed>) -> Images {
        let all = || Trusted(hosts.iter().map(|host| host.what.clone()).collect());
        let http = (!hosts.is_empty()).then(|| Http::new(all()));
        Images { hosts, http }
    }

    /// Never from elsewhere than its address says: a host that leads to another has not been named.
    pub(crate) async fn fetch(&self, tenant: &TenantId, address: &str) -> Result<Bytes, Problem> {
        let url = Url::parse(address).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned();
        let is_allowed = |url: &Url| Trusted::of(&self.hosts, tenant).has(url);
        let (Some(http), Some(url)) = (&self.http, url.filter(is_allowed)) else {
            return Err(Problem::ImageNotAllowed { host });
        };
        let gone = |status: Option<StatusCode>| Problem::ImageNotFetched {
            host: host.clone(),
            status: status.map(|status| status.as_u16()),
        };
        let coming = async {
            let answer = http.ask(&url, Request::new(Full::default())).await.map_err(|error| {
                tracing::warn!(host, %error, "an image does not come");
                gone(None)
            })?;
            match answer.status() {
                StatusCode::OK => whole(answer.into_body()).await.unwrap_or_else(|| Err(gone(None))),
                status => Err(gone(Some(status))),
            }
        };
        timeout(TIME, coming).await.unwrap_or_else(|_| Err(gone(None)))
    }
}

/// `None` where it breaks off.
async fn whole(body: hyper::body::Incoming) -> Option<Result<Bytes, Problem>> {
    match Limited::new(body, IMAGE_BYTES).collect().await {
        Ok(image) => Some(Ok(image.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => {
            Some(Err(Problem::ImageTooLarge { bytes_max: IMAGE_BYTES }))
        }
        Err(_) => None,
    }
}
