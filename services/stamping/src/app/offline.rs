//! The offline queue of a till: signed by the device, done exactly once, told per operation.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use chrono::{DateTime, Duration, Utc};
use futures::future::join_all;
use kernel::{Cents, Invalid, LocationId, OperationId};
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
    /// Takes a device's queue, signed with the key it was paired with; one answer per operation, in order.
    pub async fn add_stamps_batch(
        &self,
        lanes: &Lanes,
        actor: &Actor,
        device_key: &[u8],
        signed_payload: &[u8],
        signature: &[u8],
        location: Option<LocationId>,
    ) -> Result<Vec<(OperationId, Result<Stamped, Error>)>, Error> {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, device_key)
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
        let allowed = now - OLDEST..=now + Duration::seconds(5);
        let occurred_at = queued.occurred_at.checked_add_signed(offset).filter(|at| allowed.contains(at));
        let occurred_at = occurred_at.ok_or_else(|| Invalid::new("occurred_at", "out_of_range"))?;
        if !(1..=20).contains(&queued.count) {
            return Err(Invalid::new("count", "out_of_range").into());
        }
        let amount = queued
            .amount_cents
            .map(|cents| Cents::new(cents).ok_or(Invalid::new("amount_cents", "out_of_range")));
        Ok(AddStamps {
            operation: queued.operation_id.into(),
            target: Target::Code(self.read_code(&queued.code, occurred_at)?.code),
            count: queued.count,
            amount: amount.transpose()?,
            location,
            kind: Kind::Earn,
            override_reason: None,
            occurred_at: Some(occurred_at.min(now)),
        })
    }
}
