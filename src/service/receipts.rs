//! What providers tell by themselves arrives here.

use async_trait::async_trait;

use super::Service;
use crate::channel::{Receipt, Report, Sink, Unkept, Uplink};

/// Counts what is told; nothing of it is kept yet.
#[async_trait]
impl Sink for Service {
    async fn receipts(&self, provider: &str, receipts: Vec<Receipt>) -> Result<(), Unkept> {
        for receipt in receipts {
            let told = match receipt.report {
                Report::Delivered => "delivered",
                Report::Failed(_) => "failed",
            };
            self.parts().metrics.told(provider, told);
        }
        Ok(())
    }

    async fn uplink(&self, provider: &str, _uplink: Uplink) -> Result<(), Unkept> {
        self.parts().metrics.told(provider, "uplink");
        Ok(())
    }
}
