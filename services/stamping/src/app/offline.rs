//! The offline queue of a till: signed by the device, done exactly once, told per operation.

use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use chrono::{DateTime, Duration, Utc};
use futures::future::join_all;
use kernel::{Cents, DeviceId, Invalid, LocationId, OperationId};
use proto::enrollment::GetDeviceKeyRequest;
use proto::enrollment::business_service_client::BusinessServiceClient;
use serde::Deserialize;

use super::{AddStamps, App, Lanes, Stamped, Target};
use crate::Error;
use crate::domain::{Actor, Kind};

/// Most operations of one batch.
const MAX_OPERATIONS: usize = 200;
/// How far back an offline stamp may lie.
const OLDEST: Duration = Duration::hours(72);

/// What a device signs.
#[derive(Deserialize)]
struct Payload {
    device_time: DateTime<Utc>,
    operations: Vec<Queued>,
}

#[derive(Deserialize)]
struct Queued {
    operation_id: uuid::Uuid,
    code: String,
    count: i32,
    amount_cents: Option<i64>,
    occurred_at: DateTime<Utc>,
}

impl App {
    /// Takes a device's queue; one answer per operation, in order.
    pub async fn add_stamps_batch(
        &self,
        lanes: &Lanes,
        actor: &Actor,
        signed_payload: &[u8],
        signature: &[u8],
        location: Option<LocationId>,
    ) -> Result<Vec<(OperationId, Result<Stamped, Error>)>, Error> {
        let device = actor.device.ok_or(Error::Forbidden)?;
        let key = self.device_key(actor, device).await?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.as_slice())
            .verify(signed_payload, signature)
            .map_err(|_| Error::BatchSignature)?;
        let payload: Payload =
            serde_json::from_slice(signed_payload).map_err(|_| Invalid::new("payload", "wrong_type"))?;
        if payload.operations.len() > MAX_OPERATIONS {
            return Err(Invalid::new("payload.operations", "too_many").into());
        }
        // The device's clock may be wrong, but it is wrong by the same for all of its queue.
        let now = self.clock.now();
        let offset = now - payload.device_time;
        let answers = payload.operations.into_iter().map(|queued| async move {
            let operation = OperationId::from(queued.operation_id);
            let answer = match self.parse(queued, offset, now, location) {
                Ok(command) => lanes.add_stamps(actor.clone(), command).await,
                Err(refused) => Err(refused),
            };
            (operation, answer)
        });
        Ok(join_all(answers).await)
    }

    fn parse(
        &self,
        queued: Queued,
        offset: Duration,
        now: DateTime<Utc>,
        location: Option<LocationId>,
    ) -> Result<AddStamps, Error> {
        let occurred_at = queued.occurred_at + offset;
        if occurred_at > now + Duration::seconds(5) || occurred_at < now - OLDEST {
            return Err(Invalid::new("occurred_at", "out_of_range").into());
        }
        if !(1..=20).contains(&queued.count) {
            return Err(Invalid::new("count", "out_of_range").into());
        }
        let amount = queued.amount_cents.map(|cents| Cents::new(cents).ok_or(Invalid::new("amount_cents", "out_of_range")));
        Ok(AddStamps {
            operation: queued.operation_id.into(),
            target: Target::Code(self.read_code(&queued.code)?),
            count: queued.count,
            amount: amount.transpose()?,
            location,
            kind: Kind::Earn,
            override_reason: None,
            occurred_at: Some(occurred_at.min(now)),
        })
    }

    async fn device_key(&self, actor: &Actor, device: DeviceId) -> Result<Arc<Vec<u8>>, Error> {
        if let Some(known) = self.device_keys.get(&device) {
            return Ok(known);
        }
        let question =
            GetDeviceKeyRequest { business_id: actor.business.to_string(), device_id: device.to_string() };
        let request = self.enrollment.identity.request(question).await.map_err(Error::Upstream)?;
        let mut client = BusinessServiceClient::new(self.enrollment.link.clone());
        let answer = client.get_device_key(request).await.map_err(Error::Upstream)?.into_inner();
        let key = Arc::new(answer.public_key);
        self.device_keys.insert(device, Arc::clone(&key));
        Ok(key)
    }
}
