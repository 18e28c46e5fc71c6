//! The URL of each service. A client is given its own, so that the SDK resolves none: its resolver first parses a table
//! of all regions (see [`partitions`](super::partitions)).

use aws_smithy_runtime::client::orchestrator::endpoints::StaticUriEndpointResolver;
use aws_smithy_runtime_api::client::endpoint::SharedEndpointResolver;

/// Where requests to AWS go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Endpoints {
    /// To the services of this region.
    Regional(String),
    /// To one URL that serves every service, as a fake of AWS does in tests (`AWS_ENDPOINT_URL`).
    Custom(String),
}

impl Endpoints {
    /// The URL of a service by its host name's first labels: `dynamodb`, `scheduler`, `email`, `<bucket>.s3`.
    pub(super) fn url(&self, host: &str) -> String {
        match self {
            Self::Regional(region) => format!("https://{host}.{region}.{}", dns_suffix(region)),
            Self::Custom(url) => url.clone(),
        }
    }

    /// The URL of a bucket: a host of its own at AWS, a path at a custom endpoint, which has one host only.
    pub(super) fn bucket_url(&self, bucket: &str) -> String {
        match self {
            Self::Regional(_) => self.url(&bucket_host(bucket)),
            Self::Custom(url) => format!("{url}/{bucket}"),
        }
    }
}

/// The first labels of a bucket's host name.
pub(super) fn bucket_host(bucket: &str) -> String {
    format!("{bucket}.s3")
}

/// Has every request of a client go to `url`. How it is signed follows from the client's own service and region.
pub(super) fn resolver(url: String) -> SharedEndpointResolver {
    SharedEndpointResolver::new(StaticUriEndpointResolver::uri(url))
}

/// The domain of the partition that a region belongs to
/// (<https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>). SES receives mail
/// in regions of the first one only.
fn dns_suffix(region: &str) -> &'static str {
    match region.split_once('-') {
        Some(("cn", _)) => "amazonaws.com.cn",
        Some(("eusc", _)) => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}
