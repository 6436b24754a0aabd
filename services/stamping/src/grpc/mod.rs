//! Wire to command, call, domain to wire.

mod device_keys;
mod parse;
mod wire;

use std::sync::Arc;

use boot::Problem;
use boot::auth::Verifier;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use kernel::{BusinessId, CustomerId, LocationId, OperationId, Principal, Role};
use prost::Message;
use proto::stamping as pb;
use proto::stamping::stamping_service_server::StampingService;
use tonic::{Request, Response, Status};

use crate::Error;
pub(crate) use device_keys::DeviceKeys;

use crate::app::{App, Lanes, OpenCard, RedeemReward, VoidStamp};
use crate::domain::Actor;

/// The gRPC face of stamping.
pub(crate) struct Grpc {
    /// The use cases.
    pub app: Arc<App>,
    /// Where stamps queue.
    pub lanes: Lanes,
    /// The keys of tills.
    pub device_keys: DeviceKeys,
    /// Who is calling.
    pub verifier: Arc<Verifier>,
}

impl Grpc {
    async fn principal<T>(&self, request: &Request<T>) -> Result<Principal, Status> {
        self.verifier.caller(request.metadata()).await
    }

    /// A member of any role, or the shop's own system.
    async fn actor<T>(&self, request: &Request<T>) -> Result<Actor, Status> {
        Ok(Actor::from_principal(&self.principal(request).await?)?)
    }

    async fn manager<T>(&self, request: &Request<T>) -> Result<Actor, Status> {
        Ok(Actor::manager(&self.principal(request).await?)?)
    }

    async fn platform<T>(&self, request: &Request<T>) -> Result<(), Status> {
        match self.principal(request).await? {
            Principal::Public => Err(boot::auth::refused()),
            caller if caller.is_platform() => Ok(()),
            _ => Err(boot::auth::forbidden()),
        }
    }
}

#[tonic::async_trait]
impl StampingService for Grpc {
    async fn create_program(
        &self,
        request: Request<pb::CreateProgramRequest>,
    ) -> Result<Response<pb::CreateProgramResponse>, Status> {
        let actor = self.manager(&request).await?;
        let definition = parse::definition(request.into_inner())?;
        let program = self.app.create_program(&actor, definition).await?;
        Ok(Response::new(pb::CreateProgramResponse { program: Some(wire::program(&program)) }))
    }

    async fn update_program(
        &self,
        request: Request<pb::UpdateProgramRequest>,
    ) -> Result<Response<pb::UpdateProgramResponse>, Status> {
        let actor = self.manager(&request).await?;
        let request = request.into_inner();
        let program = parse::id(&request.program_id)?;
        let change = parse::program_change(request)?;
        let program = self.app.update_program(&actor, program, change).await?;
        Ok(Response::new(pb::UpdateProgramResponse { program: Some(wire::program(&program)) }))
    }

    async fn get_program(
        &self,
        request: Request<pb::GetProgramRequest>,
    ) -> Result<Response<pb::GetProgramResponse>, Status> {
        let actor = self.actor(&request).await?;
        let program = parse::id(&request.get_ref().program_id)?;
        let program = self.app.get_program(actor.business, program).await?;
        Ok(Response::new(pb::GetProgramResponse { program: Some(wire::program(&program)) }))
    }

    async fn list_programs(
        &self,
        request: Request<pb::ListProgramsRequest>,
    ) -> Result<Response<pb::ListProgramsResponse>, Status> {
        let actor = self.actor(&request).await?;
        let programs = self.app.list_programs(actor.business, request.get_ref().include_inactive).await?;
        Ok(Response::new(pb::ListProgramsResponse { programs: programs.iter().map(wire::program).collect() }))
    }

    async fn list_public_programs(
        &self,
        request: Request<pb::ListPublicProgramsRequest>,
    ) -> Result<Response<pb::ListPublicProgramsResponse>, Status> {
        self.platform(&request).await?;
        let business: BusinessId = parse::id(&request.get_ref().business_id)?;
        let programs = self.app.list_programs(business, false).await?;
        Ok(Response::new(pb::ListPublicProgramsResponse {
            programs: programs.iter().map(wire::program).collect(),
        }))
    }

    async fn open_card(
        &self,
        request: Request<pb::OpenCardRequest>,
    ) -> Result<Response<pb::OpenCardResponse>, Status> {
        let principal = self.principal(&request).await?;
        let request = request.into_inner();
        let business = match Actor::from_principal(&principal) {
            Ok(actor) => actor.business,
            Err(_) if principal.is_platform() => parse::id(&request.business_id)?,
            Err(refused) => return Err(refused.into()),
        };
        let command = OpenCard {
            business,
            customer: parse::id(&request.customer_id)?,
            card: parse::id(&request.card_id)?,
            program: parse::optional_id(&request.program_id)?,
        };
        let (card, program) = self.app.open_card(command).await?;
        Ok(Response::new(pb::OpenCardResponse {
            code: self.app.code(&card),
            card: Some(wire::card(&card)),
            program: Some(wire::program(&program)),
        }))
    }

    async fn get_card(
        &self,
        request: Request<pb::GetCardRequest>,
    ) -> Result<Response<pb::GetCardResponse>, Status> {
        let principal = self.principal(&request).await?;
        let asked = request.into_inner();
        let card = parse::id(&asked.card_id)?;
        // Services say whose card they mean; nobody else is asked.
        let view = if principal.is_platform() {
            self.app.card_of(parse::id(&asked.business_id)?, card).await?
        } else {
            self.app.get_card(&principal, card).await?
        };
        let shows_codes = principal.is_platform() || matches!(principal, Principal::CardHolder { .. });
        Ok(Response::new(wire::card_view(view, shows_codes)))
    }

    async fn list_cards(
        &self,
        request: Request<pb::ListCardsRequest>,
    ) -> Result<Response<pb::ListCardsResponse>, Status> {
        let principal = self.principal(&request).await?;
        // Services say whose cards they mean; nobody else is asked.
        let business = if principal.is_platform() {
            parse::id(&request.get_ref().business_id)?
        } else {
            Actor::from_principal(&principal)?.business
        };
        let customer: CustomerId = parse::id(&request.get_ref().customer_id)?;
        let cards = self.app.cards_of(business, &[customer]).await?;
        let ids: Vec<_> = cards.iter().map(|card| card.card).collect();
        let rewards = self.app.rewards_of(business, &ids).await?;
        Ok(Response::new(pb::ListCardsResponse {
            cards: cards.iter().map(wire::card).collect(),
            rewards: rewards.iter().map(wire::reward).collect(),
        }))
    }

    async fn get_card_states(
        &self,
        request: Request<pb::GetCardStatesRequest>,
    ) -> Result<Response<pb::GetCardStatesResponse>, Status> {
        let actor = self.actor(&request).await?;
        let customers = parse::ids::<CustomerId>("customer_ids", &request.get_ref().customer_ids, 200)?;
        let cards = self.app.cards_of(actor.business, &customers).await?;
        Ok(Response::new(pb::GetCardStatesResponse { cards: cards.iter().map(wire::card).collect() }))
    }

    async fn list_reward_holders(
        &self,
        request: Request<pb::ListRewardHoldersRequest>,
    ) -> Result<Response<pb::ListRewardHoldersResponse>, Status> {
        let actor = self.manager(&request).await?;
        let asked = request.into_inner();
        let (limit, before) = (parse::limit(asked.limit)?, parse::id_cursor(&asked.cursor)?);
        let (mut customers, total) = self.app.reward_holders(actor.business, before, limit + 1).await?;
        let wanted = usize::try_from(limit).unwrap_or(0);
        let has_more = customers.len() > wanted;
        customers.truncate(wanted);
        let next = customers.last().filter(|_| has_more);
        Ok(Response::new(pb::ListRewardHoldersResponse {
            next_cursor: next.map(ToString::to_string).unwrap_or_default(),
            customer_ids: customers.iter().map(ToString::to_string).collect(),
            total,
        }))
    }

    async fn list_ledger(
        &self,
        request: Request<pb::ListLedgerRequest>,
    ) -> Result<Response<pb::ListLedgerResponse>, Status> {
        let actor = self.manager(&request).await?;
        let request = request.into_inner();
        let customer = parse::id(&request.customer_id)?;
        let limit = parse::limit(request.limit)?;
        let before = parse::cursor(&request.cursor)?;
        // One more than asked for tells whether there is a next page.
        let (mut entries, rewards) = self.app.ledger(actor.business, customer, before, limit + 1).await?;
        let wanted = usize::try_from(limit).unwrap_or(0);
        let has_more = entries.len() > wanted;
        entries.truncate(wanted);
        let next_cursor = entries.last().filter(|_| has_more).map(wire::cursor).unwrap_or_default();
        Ok(Response::new(pb::ListLedgerResponse {
            entries: entries.into_iter().map(wire::entry).collect(),
            rewards: rewards.iter().map(wire::reward).collect(),
            next_cursor,
        }))
    }

    async fn scan(&self, request: Request<pb::ScanRequest>) -> Result<Response<pb::ScanResponse>, Status> {
        let actor = self.actor(&request).await?;
        let read = self.app.read_code(&request.get_ref().code, self.app.clock().now())?;
        let scanned = self.app.scan(&actor, read).await?;
        Ok(Response::new(wire::scanned(scanned)))
    }

    async fn add_stamps(
        &self,
        request: Request<pb::AddStampsRequest>,
    ) -> Result<Response<pb::AddStampsResponse>, Status> {
        let actor = self.actor(&request).await?;
        let request = request.into_inner();
        if let Some(pb::add_stamps_request::Target::Code(code)) = &request.target {
            self.app.admit(&actor, self.app.read_code(code, self.app.clock().now())?).await?;
        }
        let command = parse::add_stamps(&self.app, &actor, request)?;
        let stamped = self.lanes.add_stamps(actor, command).await?;
        Ok(Response::new(wire::stamped(stamped)))
    }

    async fn add_stamps_batch(
        &self,
        request: Request<pb::AddStampsBatchRequest>,
    ) -> Result<Response<pb::AddStampsBatchResponse>, Status> {
        let actor = self.actor(&request).await?;
        let request = request.into_inner();
        let location = parse::optional_id(&request.location_id)?;
        let device = actor.device.ok_or(Error::Forbidden)?;
        let key = self.device_keys.of(actor.business, device).await?;
        let answers = self
            .app
            .add_stamps_batch(
                &self.lanes,
                &actor,
                &key,
                &request.signed_payload,
                &request.signature,
                location,
            )
            .await?;
        let results = answers
            .into_iter()
            .map(|(operation, answer)| match answer {
                Ok(stamped) => pb::OfflineResult {
                    operation_id: operation.to_string(),
                    done: Some(wire::stamped(stamped)),
                    refused: String::new(),
                },
                Err(error) => pb::OfflineResult {
                    operation_id: operation.to_string(),
                    done: None,
                    refused: problem_of(error),
                },
            })
            .collect();
        Ok(Response::new(pb::AddStampsBatchResponse { results }))
    }

    async fn void_stamp(
        &self,
        request: Request<pb::VoidStampRequest>,
    ) -> Result<Response<pb::VoidStampResponse>, Status> {
        let actor = self.actor(&request).await?;
        let request = request.into_inner();
        let command = VoidStamp {
            operation: parse::id(&request.operation_id)?,
            stamp: parse::id(&request.stamp_id)?,
            reason: parse::reason("reason", &request.reason)?,
        };
        let reversed = self.app.void_stamp(&actor, command).await?;
        Ok(Response::new(pb::VoidStampResponse {
            operation_id: reversed.operation.to_string(),
            stamp_id: reversed.stamp.to_string(),
            card: Some((&reversed.card).into()),
            rewards_taken_back: reversed.rewards_taken_back.iter().map(ToString::to_string).collect(),
            replayed: reversed.replayed,
        }))
    }

    async fn redeem_reward(
        &self,
        request: Request<pb::RedeemRewardRequest>,
    ) -> Result<Response<pb::RedeemRewardResponse>, Status> {
        let actor = self.actor(&request).await?;
        let request = request.into_inner();
        let command = RedeemReward {
            operation: parse::id::<OperationId>(&request.operation_id)?,
            reward: parse::id(&request.reward_id)?,
            scan: parse::optional_id(&request.scan_id)?,
            location: parse::optional_id::<LocationId>(&request.location_id)?,
        };
        let redeemed = self.app.redeem_reward(&actor, command).await?;
        Ok(Response::new(pb::RedeemRewardResponse {
            operation_id: redeemed.operation.to_string(),
            card_id: redeemed.reward.card.to_string(),
            reward: Some(wire::reward(&redeemed.reward)),
            replayed: redeemed.replayed,
        }))
    }

    async fn unredeem_reward(
        &self,
        request: Request<pb::UnredeemRewardRequest>,
    ) -> Result<Response<pb::UnredeemRewardResponse>, Status> {
        let actor = self.actor(&request).await?;
        let request = request.into_inner();
        let command = RedeemReward {
            operation: parse::id(&request.operation_id)?,
            reward: parse::id(&request.reward_id)?,
            scan: None,
            location: None,
        };
        let restored = self.app.unredeem_reward(&actor, command).await?;
        Ok(Response::new(pb::UnredeemRewardResponse {
            operation_id: restored.operation.to_string(),
            card_id: restored.reward.card.to_string(),
            reward: Some(wire::reward(&restored.reward)),
            replayed: restored.replayed,
        }))
    }

    async fn rotate_code(
        &self,
        request: Request<pb::RotateCodeRequest>,
    ) -> Result<Response<pb::RotateCodeResponse>, Status> {
        let principal = self.principal(&request).await?;
        if let Principal::Member { role: Role::Stamper, .. } = principal {
            return Err(boot::auth::forbidden());
        }
        let card = parse::id(&request.get_ref().card_id)?;
        let code = self.app.rotate_code(&principal, card).await?;
        Ok(Response::new(pb::RotateCodeResponse { code }))
    }

    async fn verify(
        &self,
        request: Request<pb::VerifyRequest>,
    ) -> Result<Response<pb::VerifyResponse>, Status> {
        self.platform(&request).await?;
        let report = self.app.verify().await?;
        Ok(Response::new(pb::VerifyResponse {
            cards: report.cards,
            entries: report.entries,
            drifts: report.drifts.iter().map(wire::drift).collect(),
            drifted: report.drifted,
        }))
    }

    async fn get_outbox(
        &self,
        request: Request<pb::GetOutboxRequest>,
    ) -> Result<Response<pb::GetOutboxResponse>, Status> {
        self.platform(&request).await?;
        Ok(Response::new(pb::GetOutboxResponse { pending: self.app.outbox_pending().await? }))
    }

    async fn snapshot_facts(
        &self,
        request: Request<pb::SnapshotFactsRequest>,
    ) -> Result<Response<pb::SnapshotFactsResponse>, Status> {
        self.platform(&request).await?;
        let place = parse::place(&request.get_ref().cursor)?;
        let (facts, next) = self.app.snapshot(place).await?;
        let events = facts.iter().map(|fact| pb::Event::decode(fact.payload.as_slice()));
        Ok(Response::new(pb::SnapshotFactsResponse {
            events: events.collect::<Result<_, _>>().map_err(|_| Error::Corrupt("a fact of our own"))?,
            next_cursor: next.map(wire::place).unwrap_or_default(),
        }))
    }

    type SummarizeLedgerStream = BoxStream<'static, Result<pb::SummarizeLedgerResponse, Status>>;

    async fn summarize_ledger(
        &self,
        request: Request<pb::SummarizeLedgerRequest>,
    ) -> Result<Response<Self::SummarizeLedgerStream>, Status> {
        self.platform(&request).await?;
        let answer =
            self.app.summarize().map_err(Status::from).map_ok(|days| pb::SummarizeLedgerResponse {
                days: days.iter().map(wire::ledger_day).collect(),
            });
        Ok(Response::new(answer.boxed()))
    }
}

/// The problem of a refused operation of a batch, as JSON.
fn problem_of(error: Error) -> String {
    let status = Status::from(error);
    let problem = Problem::from_status(&status).unwrap_or_else(|| Problem::new("internal"));
    serde_json::to_string(&problem).unwrap_or_default()
}
