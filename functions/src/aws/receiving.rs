//! SES: which receipt rule set is the active one in this region.

use super::connection::{Connection, unavailable};
use super::patience::{PAUSE, patiently};
use aws_sdk_ses::Client;
use aws_sdk_ses::config::retry::RetryConfig;
use service::ports::Unavailable;

/// The region's active rule set.
pub struct ActiveRuleSet {
    client: Client,
}

impl ActiveRuleSet {
    /// The active rule set of the region that the function runs in.
    pub fn new(connection: &Connection) -> Self {
        // The SDK's own retries come too soon for one call a second.
        let config = connection.ses().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config) }
    }

    /// Its name, where there is one.
    pub async fn name(&self) -> Result<Option<String>, Unavailable> {
        let described = patiently(async || {
            let asked = self.client.describe_active_receipt_rule_set().send().await;
            asked.map_err(unavailable("ses:DescribeActiveReceiptRuleSet"))
        });
        Ok(described.await?.metadata.and_then(|set| set.name).filter(|name| !name.is_empty()))
    }

    /// Makes this set the active one, or none. It is the second call here, so it waits its turn.
    pub async fn set(&self, name: Option<&str>) -> Result<(), Unavailable> {
        tokio::time::sleep(PAUSE).await;
        patiently(async || {
            let request = self.client.set_active_receipt_rule_set().set_rule_set_name(name.map(str::to_owned));
            request.send().await.map_err(unavailable("ses:SetActiveReceiptRuleSet"))
        })
        .await?;
        Ok(())
    }
}
