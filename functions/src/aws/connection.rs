//! The connection to AWS: TLS by rustls with ring, credentials from the environment, and one connection pool, which is
//! filled before the first event (DESIGN section 8).

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::shared::IntoShared as _;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use service::ports::Unavailable;
use std::time::Duration;

use super::endpoints::Endpoints;
use super::partitions;
use crate::environment::{self, Misconfigured};

/// Timeouts. A service in the same region answers within milliseconds, and Lambda ends a function after ten seconds: two
/// attempts that hang must leave time for a third, and to report the error.
const CONNECT: Duration = Duration::from_secs(1);
const ATTEMPT: Duration = Duration::from_secs(2);
const OPERATION: Duration = Duration::from_secs(6);

/// Timeout of opening a connection before the first event.
const WARM_UP: Duration = Duration::from_millis(1500);

/// The root certificates of AWS's endpoints, as Amazon Trust Services publishes them
/// (<https://www.amazontrust.com/repository/>). No other is trusted. Parsing five is fast; scanning a certificate directory
/// takes 4 to 45 ms (measured).
const ROOTS: &str = include_str!("roots.pem");

/// What the SDK's clients are built from, and the means to connect before they are used.
pub struct Connection {
    /// The configuration that all clients share.
    pub(super) config: SdkConfig,
    pub(super) endpoints: Endpoints,
    pub(super) connector: SharedHttpConnector,
}

impl Connection {
    /// Reads region, credentials and endpoint from the variables that Lambda sets.
    ///
    /// # Errors
    /// A variable is missing, or the file that `partitions` writes cannot be written.
    pub fn from_environment() -> Result<Self, Misconfigured> {
        partitions::skip()?;
        let region = environment::text("AWS_REGION")?;
        let credentials = Credentials::new(
            environment::text("AWS_ACCESS_KEY_ID")?,
            environment::text("AWS_SECRET_ACCESS_KEY")?,
            environment::text("AWS_SESSION_TOKEN").ok(),
            None,
            "environment",
        );
        let endpoints = match environment::text("AWS_ENDPOINT_URL") {
            Ok(url) => Endpoints::Custom(url),
            Err(_) => Endpoints::Regional(region.clone()),
        };
        let connector = connector(std::env::var_os("AWS_CA_BUNDLE").and_then(|path| std::fs::read(path).ok()));
        Ok(Self::new(region, credentials, endpoints, connector))
    }

    pub(super) fn new(
        region: String,
        credentials: Credentials,
        endpoints: Endpoints,
        connector: SharedHttpConnector,
    ) -> Self {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(OPERATION);
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(pooled(&connector))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(50)))
            .timeout_config(timeouts.build())
            .build();
        Self { config, endpoints, connector }
    }

    /// Opens a connection to a service's own host (`dynamodb`, `scheduler`, or `<bucket>.s3`) and leaves it in the pool.
    /// Ignores errors: the first request meets them again and reports them.
    pub async fn warm_up(&self, host: &str) {
        let Ok(request) = HttpRequest::get(format!("{}/", self.endpoints.url(host))).map_err(drop) else { return };
        let exchange = async {
            if let Ok(response) = self.connector.call(request).await {
                // A connection returns to the pool once its response has been read.
                let _ = ByteStream::new(response.into_body()).collect().await;
            }
        };
        let _ = tokio::time::timeout(WARM_UP, exchange).await;
    }
}

/// Trusts the root certificates `custom_roots` (PEM, from the file that `AWS_CA_BUNDLE` names), or else [`ROOTS`].
fn connector(custom_roots: Option<Vec<u8>>) -> SharedHttpConnector {
    let roots = tls::TrustStore::empty().with_pem_certificate(custom_roots.unwrap_or_else(|| ROOTS.into()));
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).build();
    let builder = Connector::builder()
        .connector_settings(settings)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring));
    let builder = match tls::TlsContext::builder().with_trust_store(roots).build() {
        Ok(context) => builder.tls_context(context),
        Err(_) => builder,
    };
    SharedHttpConnector::new(builder.build())
}

/// Has every client use the connection pool of `connector`.
fn pooled(connector: &SharedHttpConnector) -> SharedHttpClient {
    let connector = connector.clone();
    http_client_fn(move |_, _| connector.clone()).into_shared()
}

/// Returns which operation failed and how. Leaves out the request, which holds addresses and keys.
pub(super) fn unavailable<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> Unavailable
where
    E: ProvideErrorMetadata,
{
    move |error| {
        let cause = match &error {
            SdkError::TimeoutError(_) => "timed out",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ConstructionFailure(_) => "the request could not be built",
            SdkError::ServiceError(context) => context.err().code().unwrap_or("an error without a code"),
            _ => "the response could not be read",
        };
        Unavailable { operation, cause: cause.to_owned() }
    }
}
