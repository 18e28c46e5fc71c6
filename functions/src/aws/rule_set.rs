//! The active receipt rule set of the region, by the API of SES.

use super::connection::{Connection, unavailable};
use super::retry::{BACKOFF, retry};
use crate::setup::rule_set::Active;
use aws_sdk_ses::Client;
use aws_sdk_ses::config::retry::RetryConfig;
use service::ports::Unavailable;

/// The active rule set of the region in which the function runs.
pub struct ActiveRuleSet {
    client: Client,
}

impl ActiveRuleSet {
    /// Reads and sets it over `connection`.
    pub fn new(connection: &Connection) -> Self {
        // The SDK's retries have a shorter backoff than the rate limit of SES allows.
        let config = connection.ses().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config) }
    }

    /// Returns it, or `None` if no rule set is active.
    pub async fn active(&self) -> Result<Option<Active>, Unavailable> {
        let description = retry(async || {
            let result = self.client.describe_active_receipt_rule_set().send().await;
            result.map_err(unavailable("ses:DescribeActiveReceiptRuleSet"))
        });
        let description = description.await?;
        let rules = description.rules().iter().map(|rule| rule.name().to_owned()).collect();
        let name = description.metadata.and_then(|set| set.name).filter(|name| !name.is_empty());
        Ok(name.map(|name| Active { name, rules }))
    }

    /// Activates the rule set of this name, or with `None` deactivates the active one. Waits first, because
    /// [`active`](Self::active) was called before it and SES allows one call a second.
    pub async fn set(&self, name: Option<&str>) -> Result<(), Unavailable> {
        tokio::time::sleep(BACKOFF).await;
        retry(async || {
            let request = self.client.set_active_receipt_rule_set().set_rule_set_name(name.map(str::to_owned));
            request.send().await.map_err(unavailable("ses:SetActiveReceiptRuleSet"))
        })
        .await?;
        Ok(())
    }
}
