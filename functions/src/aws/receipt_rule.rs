//! The stack's own receipt rule, by the API of SES. A rule of anybody else is never changed.

use super::connection::{Connection, unavailable};
use super::retry::{BACKOFF, retry};
use aws_sdk_ses::Client;
use aws_sdk_ses::config::retry::RetryConfig;
use aws_sdk_ses::operation::describe_receipt_rule::DescribeReceiptRuleError;
use aws_sdk_ses::types;
use service::ports::Unavailable;

/// Finds the stack's rule.
pub struct OwnRule {
    client: Client,
    set: String,
    name: String,
    bucket: String,
}

/// The rule as SES described it.
pub struct ReceiptRule<'a> {
    own: &'a OwnRule,
    rule: types::ReceiptRule,
}

impl OwnRule {
    /// The rule `name` in the rule set `set` is the stack's if it stores mail in `bucket`.
    pub fn new(connection: &Connection, set: String, name: String, bucket: String) -> Self {
        // The SDK's retries have a shorter backoff than the rate limit of SES allows.
        let config = connection.ses().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config), set, name, bucket }
    }

    /// Returns `None` if there is no such rule, or if it is another's.
    pub async fn find(&self) -> Result<Option<ReceiptRule<'_>>, Unavailable> {
        let rule = retry(async || {
            let request = self.client.describe_receipt_rule().rule_set_name(&self.set).rule_name(&self.name);
            match request.send().await {
                Ok(description) => Ok(description.rule),
                Err(error) if error.as_service_error().is_some_and(is_missing) => Ok(None),
                Err(error) => Err(unavailable("ses:DescribeReceiptRule")(error)),
            }
        });
        Ok(rule.await?.filter(|rule| self.is_own(rule)).map(|rule| ReceiptRule { own: self, rule }))
    }

    fn is_own(&self, rule: &types::ReceiptRule) -> bool {
        let stores = rule.actions().iter().filter_map(types::ReceiptAction::s3_action);
        rule.name() == self.name && stores.map(types::S3Action::bucket_name).any(|bucket| bucket == self.bucket)
    }
}

fn is_missing(error: &DescribeReceiptRuleError) -> bool {
    error.is_rule_does_not_exist_exception() || error.is_rule_set_does_not_exist_exception()
}

impl ReceiptRule<'_> {
    /// Whether SES receives mail by it.
    pub fn is_enabled(&self) -> bool {
        self.rule.enabled()
    }

    /// Enables or disables it and leaves everything else as it is. Waits first, because [`OwnRule::find`] was called before
    /// it and SES allows one call a second.
    pub async fn set_enabled(self, enabled: bool) -> Result<(), Unavailable> {
        tokio::time::sleep(BACKOFF).await;
        let mut rule = self.rule;
        rule.enabled = enabled;
        retry(async || {
            let request = self.own.client.update_receipt_rule().rule_set_name(&self.own.set).rule(rule.clone());
            request.send().await.map_err(unavailable("ses:UpdateReceiptRule"))
        })
        .await?;
        Ok(())
    }
}
