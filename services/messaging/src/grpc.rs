//! Wire to call, answer to wire.

mod wire;

use std::sync::Arc;

use boot::auth::Verifier;
use kernel::{Invalid, Principal};
use prost::Message;
use proto::messaging as pb;
use proto::messaging::messaging_service_server::MessagingService;
use tonic::{Request, Response, Status};

use crate::Error;
use crate::app::{App, InboundCall, Judgement, SenderChange};
use crate::domain::id;
use crate::domain::price;

/// The service on the wire.
pub(crate) struct Grpc {
    pub(crate) app: Arc<App>,
    pub(crate) verifier: Arc<Verifier>,
}

type Answer<T> = Result<Response<T>, Status>;

impl Grpc {
    async fn caller<T>(&self, request: &Request<T>) -> Result<Principal, Status> {
        self.verifier.caller(request.metadata()).await
    }
}

#[tonic::async_trait]
impl MessagingService for Grpc {
    async fn get_account(&self, request: Request<pb::GetAccountRequest>) -> Answer<pb::GetAccountResponse> {
        let caller = self.caller(&request).await?;
        Ok(Response::new(wire::account(self.app.account(&caller).await?)))
    }

    async fn set_budget(&self, request: Request<pb::SetBudgetRequest>) -> Answer<pb::SetBudgetResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        self.app.set_budget(&caller, asked.daily_budget_cents, asked.monthly_budget_cents).await?;
        Ok(Response::new(pb::SetBudgetResponse {}))
    }

    async fn list_templates(
        &self,
        request: Request<pb::ListTemplatesRequest>,
    ) -> Answer<pb::ListTemplatesResponse> {
        let caller = self.caller(&request).await?;
        let named = wire::optional_business(&request.get_ref().business_id)?;
        let templates = self.app.templates(&caller, named).await?;
        Ok(Response::new(pb::ListTemplatesResponse {
            templates: templates.into_iter().map(wire::template).collect(),
        }))
    }

    async fn quote(&self, request: Request<pb::QuoteRequest>) -> Answer<pb::QuoteResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        let named = wire::optional_business(&asked.business_id)?;
        let quote = self.app.quote(&caller, named, (&asked.category, asked.count)).await?;
        Ok(Response::new(pb::QuoteResponse {
            amount_cents: quote.cents,
            currency: price::CURRENCY.to_owned(),
            prices_of: price::PRICES_OF.to_owned(),
            tier_left: quote.tier_left,
            status: quote.status.to_owned(),
            held_by: quote.held_by.to_owned(),
        }))
    }

    async fn list_messages(
        &self,
        request: Request<pb::ListMessagesRequest>,
    ) -> Answer<pb::ListMessagesResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        let customer = wire::optional_customer(&asked.customer_id)?;
        let (before, limit) = (wire::cursor(&asked.cursor)?, wire::limit(asked.limit)?);
        let (found, next) = self.app.messages(&caller, (customer, &asked.status), before, limit).await?;
        Ok(Response::new(pb::ListMessagesResponse {
            messages: found.into_iter().map(wire::message).collect(),
            next_cursor: next.map(|id| id.to_string()).unwrap_or_default(),
        }))
    }

    async fn list_deliveries(
        &self,
        request: Request<pb::ListDeliveriesRequest>,
    ) -> Answer<pb::ListDeliveriesResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        let (after, limit) = (wire::cursor(&asked.cursor)?, wire::limit(asked.limit)?);
        let (found, next) = self.app.deliveries(&caller, &asked.status, after, limit).await?;
        Ok(Response::new(pb::ListDeliveriesResponse {
            messages: found.into_iter().map(wire::message).collect(),
            next_cursor: next.map(|id| id.to_string()).unwrap_or_default(),
        }))
    }

    async fn retry_delivery(
        &self,
        request: Request<pb::RetryDeliveryRequest>,
    ) -> Answer<pb::RetryDeliveryResponse> {
        let caller = self.caller(&request).await?;
        let only = id::optional("message_id", &request.get_ref().message_id).map_err(Error::from)?;
        let retried = self.app.retry(&caller, only).await?;
        Ok(Response::new(pb::RetryDeliveryResponse { retried: i64::try_from(retried).unwrap_or(i64::MAX) }))
    }

    async fn list_threads(
        &self,
        request: Request<pb::ListThreadsRequest>,
    ) -> Answer<pb::ListThreadsResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        let page = self.app.threads(&caller, wire::place(&asked.cursor)?, wire::limit(asked.limit)?).await?;
        Ok(Response::new(pb::ListThreadsResponse {
            threads: page.threads.into_iter().map(wire::thread).collect(),
            next_cursor: page
                .next
                .map(|(at, id)| format!("{}.{id}", at.timestamp_micros()))
                .unwrap_or_default(),
            unread: i32::try_from(page.unread).unwrap_or(i32::MAX),
        }))
    }

    async fn get_thread(&self, request: Request<pb::GetThreadRequest>) -> Answer<pb::GetThreadResponse> {
        let caller = self.caller(&request).await?;
        let id = id::parse("id", &request.get_ref().id).map_err(Error::from)?;
        let (thread, messages) = self.app.thread(&caller, id).await?;
        Ok(Response::new(pb::GetThreadResponse {
            thread: Some(wire::thread(thread)),
            messages: messages.into_iter().map(wire::message).collect(),
        }))
    }

    async fn reply(&self, request: Request<pb::ReplyRequest>) -> Answer<pb::ReplyResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        let operation = asked.operation_id.parse().map_err(Error::Invalid)?;
        let id = id::parse("id", &asked.id).map_err(Error::from)?;
        let shown = self.app.reply_to(&caller, operation, id, &asked.text).await?;
        Ok(Response::new(pb::ReplyResponse { message: Some(wire::message(shown)) }))
    }

    async fn take_status(&self, request: Request<pb::TakeStatusRequest>) -> Answer<pb::TakeStatusResponse> {
        let asked = request.into_inner();
        let form = wire::form(asked.path_and_query, asked.signature, asked.parameters);
        self.app.take_status(&form).await?;
        Ok(Response::new(pb::TakeStatusResponse {}))
    }

    async fn take_inbound(
        &self,
        request: Request<pb::TakeInboundRequest>,
    ) -> Answer<pb::TakeInboundResponse> {
        let asked = request.into_inner();
        let form = wire::form(asked.path_and_query, asked.signature, asked.parameters);
        let call = InboundCall { form, token: asked.idempotency_token };
        let twiml = self.app.take_inbound(&call).await?;
        Ok(Response::new(pb::TakeInboundResponse { twiml: twiml.to_owned() }))
    }

    async fn hold_campaign(
        &self,
        request: Request<pb::HoldCampaignRequest>,
    ) -> Answer<pb::HoldCampaignResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        let business = asked.business_id.parse().map_err(Error::Invalid)?;
        let campaign = asked.campaign_id.parse().map_err(Error::Invalid)?;
        let messages = self.app.hold_campaign(&caller, business, campaign, &asked.state).await?;
        Ok(Response::new(pb::HoldCampaignResponse { messages: i64::try_from(messages).unwrap_or(i64::MAX) }))
    }

    async fn get_sender_address(
        &self,
        request: Request<pb::GetSenderAddressRequest>,
    ) -> Answer<pb::GetSenderAddressResponse> {
        let caller = self.caller(&request).await?;
        let business = request.get_ref().business_id.parse().map_err(Error::Invalid)?;
        let phone = self.app.sender_address(&caller, business).await?;
        Ok(Response::new(pb::GetSenderAddressResponse { phone }))
    }

    async fn approve_business(
        &self,
        request: Request<pb::ApproveBusinessRequest>,
    ) -> Answer<pb::ApproveBusinessResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        let business = asked.business_id.parse().map_err(Error::Invalid)?;
        let sender = id::optional("sender_id", &asked.sender_id).map_err(Error::from)?;
        let limits = (asked.daily_limit_cents, asked.monthly_limit_cents, asked.weight);
        self.app.approve_business(&caller, business, sender, limits).await?;
        Ok(Response::new(pb::ApproveBusinessResponse {}))
    }

    async fn stop_business(
        &self,
        request: Request<pb::StopBusinessRequest>,
    ) -> Answer<pb::StopBusinessResponse> {
        let caller = self.caller(&request).await?;
        let business = request.get_ref().business_id.parse().map_err(Error::Invalid)?;
        self.app.stop_business(&caller, business).await?;
        Ok(Response::new(pb::StopBusinessResponse {}))
    }

    async fn set_weight(&self, request: Request<pb::SetWeightRequest>) -> Answer<pb::SetWeightResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        let business = asked.business_id.parse().map_err(Error::Invalid)?;
        self.app.set_weight(&caller, business, asked.weight).await?;
        Ok(Response::new(pb::SetWeightResponse {}))
    }

    async fn list_accounts(
        &self,
        request: Request<pb::ListAccountsRequest>,
    ) -> Answer<pb::ListAccountsResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        let (after, limit) = (wire::cursor(&asked.cursor)?, wire::limit(asked.limit)?);
        let (found, next) =
            self.app.accounts(&caller, (&asked.status, asked.is_braked), after, limit).await?;
        Ok(Response::new(pb::ListAccountsResponse {
            accounts: found.into_iter().map(wire::standing).collect(),
            next_cursor: next.map(|id| id.to_string()).unwrap_or_default(),
        }))
    }

    async fn set_sender(&self, request: Request<pb::SetSenderRequest>) -> Answer<pb::SetSenderResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        let change = SenderChange {
            sender: id::optional("sender_id", &asked.sender_id).map_err(Error::from)?,
            phone: asked.phone,
            portfolio: asked.portfolio,
            tier: asked.tier,
            per_second: asked.messages_per_second,
        };
        let sender = self.app.set_sender(&caller, change).await?;
        Ok(Response::new(pb::SetSenderResponse { sender_id: sender.to_string() }))
    }

    async fn set_template(
        &self,
        request: Request<pb::SetTemplateRequest>,
    ) -> Answer<pb::SetTemplateResponse> {
        let caller = self.caller(&request).await?;
        let given = request.into_inner().template;
        let given = given.ok_or_else(|| Error::from(Invalid::new("template", "required")))?;
        self.app.set_template(&caller, wire::read_template(given)?).await?;
        Ok(Response::new(pb::SetTemplateResponse {}))
    }

    async fn judge_template(
        &self,
        request: Request<pb::JudgeTemplateRequest>,
    ) -> Answer<pb::JudgeTemplateResponse> {
        let caller = self.caller(&request).await?;
        let asked = request.into_inner();
        let judgement = Judgement {
            name: asked.name,
            language: wire::language("language", &asked.language)?,
            approval: wire::judged("status", &asked.status)?,
            content_sid: asked.content_sid,
            reason: asked.reason,
        };
        self.app.judge_template(&caller, judgement).await?;
        Ok(Response::new(pb::JudgeTemplateResponse {}))
    }

    async fn list_senders(
        &self,
        request: Request<pb::ListSendersRequest>,
    ) -> Answer<pb::ListSendersResponse> {
        let caller = self.caller(&request).await?;
        let senders = self.app.senders(&caller).await?.into_iter().map(wire::sender).collect();
        Ok(Response::new(pb::ListSendersResponse { senders }))
    }

    async fn get_progress(
        &self,
        request: Request<pb::GetProgressRequest>,
    ) -> Answer<pb::GetProgressResponse> {
        let caller = self.caller(&request).await?;
        let (progress, unread) = self.app.progress(&caller).await?;
        Ok(Response::new(pb::GetProgressResponse {
            outbox_pending: progress.outbox,
            events_pending: i64::try_from(unread).unwrap_or(i64::MAX),
            messages_waiting: progress.waiting,
            messages_in_doubt: progress.in_doubt,
            messages_dead: progress.dead,
        }))
    }

    async fn snapshot_facts(
        &self,
        request: Request<pb::SnapshotFactsRequest>,
    ) -> Answer<pb::SnapshotFactsResponse> {
        let caller = self.caller(&request).await?;
        let after = wire::address(&request.get_ref().cursor)?;
        let (facts, next) = self.app.snapshot(&caller, after).await?;
        let events = facts.iter().map(|fact| pb::Event::decode(fact.payload.as_slice()));
        Ok(Response::new(pb::SnapshotFactsResponse {
            events: events.collect::<Result<_, _>>().map_err(|error| boot::internal_status(&error))?,
            next_cursor: next.map(wire::written_address).unwrap_or_default(),
        }))
    }
}
