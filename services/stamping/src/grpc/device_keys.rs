//! The keys that tills sign their offline queues with, as enrollment knows them.

use std::sync::Arc;
use std::time::Duration;

use boot::Link;
use boot::auth::ServiceIdentity;
use kernel::{BusinessId, DeviceId};
use proto::enrollment::GetDeviceKeyRequest;
use proto::enrollment::business_service_client::BusinessServiceClient;
use tonic::Status;

/// Tills whose key is remembered.
const REMEMBERED: u64 = 10_000;
/// For how long; a till that was unpaired is out after that.
const REMEMBERED_FOR: Duration = Duration::from_secs(60);

/// Asks enrollment, and remembers for a minute.
pub(crate) struct DeviceKeys {
    enrollment: Link,
    identity: ServiceIdentity,
    known: moka::sync::Cache<DeviceId, Arc<Vec<u8>>>,
}

impl DeviceKeys {
    /// Asks over `enrollment`, as `identity`.
    pub(crate) fn new(enrollment: Link, identity: ServiceIdentity) -> Self {
        let known =
            moka::sync::Cache::builder().max_capacity(REMEMBERED).time_to_live(REMEMBERED_FOR).build();
        Self { enrollment, identity, known }
    }

    /// The public key of a till of a business: an uncompressed P-256 point.
    pub(crate) async fn of(&self, business: BusinessId, device: DeviceId) -> Result<Arc<Vec<u8>>, Status> {
        if let Some(known) = self.known.get(&device) {
            return Ok(known);
        }
        let question =
            GetDeviceKeyRequest { business_id: business.to_string(), device_id: device.to_string() };
        let request = self.identity.request(question).await?;
        let mut client = BusinessServiceClient::new(self.enrollment.clone());
        let key = Arc::new(client.get_device_key(request).await?.into_inner().public_key);
        self.known.insert(device, Arc::clone(&key));
        Ok(key)
    }
}
