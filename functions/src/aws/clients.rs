//! What each client of the SDK is built from: the connection's configuration and the URL of its service.

use super::connection::Connection;
use super::endpoints::resolver;

impl Connection {
    /// DynamoDB in this region.
    pub(super) fn dynamodb(&self) -> aws_sdk_dynamodb::config::Builder {
        let mut config = aws_sdk_dynamodb::config::Builder::from(&self.config);
        config.set_endpoint_resolver(Some(resolver(self.endpoints.url("dynamodb"))));
        config
    }

    /// S3, for one bucket only: its name is part of the URL.
    pub(super) fn s3(&self, bucket: &str) -> aws_sdk_s3::config::Builder {
        let mut config = aws_sdk_s3::config::Builder::from(&self.config);
        config.set_endpoint_resolver(Some(resolver(self.endpoints.bucket_url(bucket))));
        config
    }

    /// EventBridge Scheduler in this region.
    pub(super) fn scheduler(&self) -> aws_sdk_scheduler::config::Builder {
        let mut config = aws_sdk_scheduler::config::Builder::from(&self.config);
        config.set_endpoint_resolver(Some(resolver(self.endpoints.url("scheduler"))));
        config
    }

    /// SES (version 1 of its API) in this region.
    pub(super) fn ses(&self) -> aws_sdk_ses::config::Builder {
        let mut config = aws_sdk_ses::config::Builder::from(&self.config);
        config.set_endpoint_resolver(Some(resolver(self.endpoints.url("email"))));
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::endpoints::Endpoints;
    use aws_credential_types::Credentials;
    use aws_sdk_dynamodb::types::AttributeValue;
    use aws_sdk_s3::presigning::PresigningConfig;
    use aws_smithy_async::time::{SharedTimeSource, StaticTimeSource};
    use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_types::body::SdkBody;
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, SystemTime};

    /// Unix time of 2026-11-21T20:02:00Z.
    const NOW: u64 = 1_795_291_320;

    const BUCKET: &str = "relay-bucket-1x2y3z";

    /// Regions of SES, old and new, and one of each other partition.
    const REGIONS: [&str; 6] =
        ["us-east-1", "eu-west-1", "ap-southeast-3", "us-gov-west-1", "cn-north-1", "eusc-de-east-1"];

    fn everywhere() -> impl Iterator<Item = (&'static str, Endpoints)> {
        let regional = REGIONS.into_iter().map(|region| (region, Endpoints::Regional(region.to_owned())));
        regional.chain([("eu-west-1", Endpoints::Custom("http://127.0.0.1:4566".to_owned()))])
    }

    /// An AWS that records the URL and the signature's scope (service, region, signed headers) of each request.
    #[derive(Debug, Clone, Default)]
    struct Recorder(Arc<Mutex<Vec<Request>>>);

    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Request {
        url: String,
        scope: String,
    }

    impl Recorder {
        fn requests(&self) -> Vec<Request> {
            self.0.lock().expect("no panic").clone()
        }
    }

    impl HttpConnector for Recorder {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let authorization = request.headers().get("authorization").unwrap_or_default();
            let scope = authorization.split(", Signature=").next().unwrap_or_default();
            self.0.lock().expect("no panic").push(Request { url: request.uri().to_owned(), scope: scope.to_owned() });
            HttpConnectorFuture::ready(Ok(HttpResponse::new(400.try_into().expect("a status"), SdkBody::empty())))
        }
    }

    fn connection(region: &str, endpoints: &Endpoints, recorder: &Recorder) -> Connection {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("session".to_owned()), None, "test");
        let connector = SharedHttpConnector::new(recorder.clone());
        let mut aws = Connection::new(region.to_owned(), credentials, endpoints.clone(), connector);
        let now = SharedTimeSource::new(StaticTimeSource::from_secs(NOW));
        aws.config = aws.config.into_builder().time_source(now).build();
        aws
    }

    /// The same configuration, with the endpoint left to the SDK's own resolver.
    macro_rules! by_sdk {
        ($config:expr, $endpoints:expr) => {{
            let mut config = $config;
            config.set_endpoint_resolver(None);
            if let Endpoints::Custom(url) = $endpoints {
                config.set_endpoint_url(Some(url.clone()));
            }
            config
        }};
    }

    fn s3_by_sdk(aws: &Connection, endpoints: &Endpoints) -> aws_sdk_s3::config::Builder {
        let config = by_sdk!(aws.s3(BUCKET), endpoints);
        config.force_path_style(matches!(endpoints, Endpoints::Custom(_)))
    }

    #[tokio::test]
    async fn requests_go_where_the_sdk_would_send_them_and_are_signed_for_the_same_service() {
        for (region, endpoints) in everywhere() {
            let recorder = Recorder::default();
            let aws = connection(region, &endpoints, &recorder);
            for config in [aws.dynamodb(), by_sdk!(aws.dynamodb(), &endpoints)] {
                let client = aws_sdk_dynamodb::Client::from_conf(config.build());
                let key = AttributeValue::S("tag#x".to_owned());
                client.get_item().table_name("table").key("pk", key).send().await.expect_err("answers nothing");
            }
            for config in [aws.scheduler(), by_sdk!(aws.scheduler(), &endpoints)] {
                let client = aws_sdk_scheduler::Client::from_conf(config.build());
                client.get_schedule().name("name").send().await.expect_err("answers nothing");
            }
            for config in [aws.ses(), by_sdk!(aws.ses(), &endpoints)] {
                let client = aws_sdk_ses::Client::from_conf(config.build());
                client.describe_active_receipt_rule_set().send().await.expect_err("answers nothing");
            }
            for config in [aws.s3(BUCKET), s3_by_sdk(&aws, &endpoints)] {
                let client = aws_sdk_s3::Client::from_conf(config.build());
                client.list_object_versions().bucket(BUCKET).send().await.expect_err("answers nothing");
            }
            for pair in recorder.requests().chunks(2) {
                let [ours, by_sdk] = pair else { panic!("not a pair") };
                assert_eq!(ours, by_sdk);
                assert!(ours.url.starts_with("http") && ours.scope.contains(region), "{ours:?}");
            }
            assert_eq!(recorder.requests().len(), 8);
        }
    }

    #[tokio::test]
    async fn a_presigned_url_is_the_one_that_the_sdk_would_sign() {
        for (region, endpoints) in everywhere() {
            let aws = connection(region, &endpoints, &Recorder::default());
            let mut urls = Vec::new();
            for config in [aws.s3(BUCKET), s3_by_sdk(&aws, &endpoints)] {
                let client = aws_sdk_s3::Client::from_conf(config.build());
                let lifetime = PresigningConfig::builder()
                    .start_time(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
                    .expires_in(Duration::from_mins(10))
                    .build();
                let request = client.get_object().bucket(BUCKET).key("status/a b+c");
                let signed = request.presigned(lifetime.expect("a lifetime")).await.expect("a URL");
                assert_eq!(signed.headers().count(), 0, "{region}");
                urls.push(signed.uri().to_owned());
            }
            let [ours, by_sdk] = &urls[..] else { panic!("not two") };
            assert_eq!(ours, by_sdk);
            assert!(ours.contains("X-Amz-SignedHeaders=host&"), "{ours}");
        }
    }
}
