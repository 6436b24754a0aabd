//! A business and its customers, told by events or filled in directly.

use chrono::{DateTime, Duration, Utc};
use kernel::{BusinessId, CampaignId, CardId, CustomerId, OperationId, Principal, ProgramId, RewardId, Role};
use outbox::Received;
use prost::Message;
use proto::campaign as pb;
use proto::campaign::audience::Condition;
use proto::enrollment as en;
use proto::messaging as me;
use proto::stamping as st;
use proto::wallet_pass as wp;
use tonic::Status;

use super::{World, member, received, timestamp};

#[derive(Clone, Copy)]
pub(crate) struct Shop {
    pub(crate) business: BusinessId,
    pub(crate) program: ProgramId,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Customer {
    pub(crate) id: CustomerId,
    pub(crate) card: CardId,
}

pub(crate) fn everybody() -> pb::Audience {
    of(Condition::All(pb::All { of: Vec::new() }))
}

pub(crate) fn of(condition: Condition) -> pb::Audience {
    pb::Audience { condition: Some(condition) }
}

pub(crate) fn news() -> Vec<pb::CampaignWording> {
    let wording = |language: &str| pb::CampaignWording {
        language: language.into(),
        template: "news".into(),
        variables: vec!["{first_name}".into(), "{business}".into()],
    };
    vec![wording("es"), wording("en")]
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self { business: BusinessId::generate(), program: ProgramId::generate() }
    }

    pub(crate) fn owner(&self) -> Principal {
        member(self.business, Role::Owner)
    }

    fn enrollment(&self, at: DateTime<Utc>, name: &str, fact: en::event::Fact) -> Received {
        let event = en::Event {
            business_id: self.business.to_string(),
            recorded_at: Some(timestamp(at)),
            fact: Some(fact),
            ..Default::default()
        };
        received(self.business, "enrollment", name, event.encode_to_vec())
    }

    fn stamping(&self, at: DateTime<Utc>, name: &str, fact: st::event::Fact) -> Received {
        let event = st::Event {
            business_id: self.business.to_string(),
            recorded_at: Some(timestamp(at)),
            fact: Some(fact),
            ..Default::default()
        };
        received(self.business, "stamping", name, event.encode_to_vec())
    }

    fn messaging(&self, at: DateTime<Utc>, name: &str, fact: me::event::Fact) -> Received {
        let event = me::Event {
            business_id: self.business.to_string(),
            recorded_at: Some(timestamp(at)),
            fact: Some(fact),
            ..Default::default()
        };
        received(self.business, "messaging", name, event.encode_to_vec())
    }

    fn wallet(&self, at: DateTime<Utc>, name: &str, fact: wp::event::Fact) -> Received {
        let event = wp::Event {
            business_id: self.business.to_string(),
            recorded_at: Some(timestamp(at)),
            fact: Some(fact),
            ..Default::default()
        };
        received(self.business, "wallet_pass", name, event.encode_to_vec())
    }

    /// Somebody joined who was born in November.
    pub(crate) fn enrolled(&self, at: DateTime<Utc>, who: Customer) -> Received {
        self.enrolled_born(at, who, 11)
    }

    pub(crate) fn enrolled_born(&self, at: DateTime<Utc>, who: Customer, month: i32) -> Received {
        let fact = en::CustomerEnrolled {
            customer_id: who.id.to_string(),
            card_id: who.card.to_string(),
            language: "es".into(),
            birth_month: month,
            source: "join".into(),
            ..Default::default()
        };
        self.enrollment(at, "customer_enrolled", en::event::Fact::CustomerEnrolled(fact))
    }

    pub(crate) fn reads(&self, at: DateTime<Utc>, who: Customer, language: &str) -> Received {
        let fact = en::CustomerChanged { customer_id: who.id.to_string(), language: language.into() };
        self.enrollment(at, "customer_changed", en::event::Fact::CustomerChanged(fact))
    }

    pub(crate) fn consent(&self, at: DateTime<Utc>, who: Customer, state: &str, version: i64) -> Received {
        let fact = en::ConsentChanged {
            customer_id: who.id.to_string(),
            purpose: "marketing".into(),
            state: state.into(),
            text_version: 1,
            version,
        };
        self.enrollment(at, "consent_changed", en::event::Fact::ConsentChanged(fact))
    }

    /// The shop counts its days elsewhere.
    pub(crate) fn moved(&self, at: DateTime<Utc>, zone: &str, version: i64) -> Received {
        let fact = en::BusinessChanged { time_zone: zone.into(), version, ..Default::default() };
        self.enrollment(at, "business_changed", en::event::Fact::BusinessChanged(fact))
    }

    pub(crate) fn merged(&self, at: DateTime<Utc>, from: Customer, into: Customer) -> Received {
        let fact = en::CustomerMerged {
            from_customer_id: from.id.to_string(),
            into_customer_id: into.id.to_string(),
        };
        self.enrollment(at, "customer_merged", en::event::Fact::CustomerMerged(fact))
    }

    pub(crate) fn erased(&self, at: DateTime<Utc>, who: Customer) -> Received {
        let fact = en::CustomerErased { customer_id: who.id.to_string() };
        self.enrollment(at, "customer_erased", en::event::Fact::CustomerErased(fact))
    }

    fn state(&self, who: Customer, version: i64, stamps: i32) -> Option<st::CardState> {
        Some(st::CardState {
            card_id: who.card.to_string(),
            customer_id: who.id.to_string(),
            program_id: self.program.to_string(),
            card_version: version,
            stamps,
            stamps_required: 10,
            cycle: 1,
            total: i64::from(stamps),
        })
    }

    pub(crate) fn program(&self, at: DateTime<Utc>) -> Received {
        let fact = st::ProgramChanged {
            program_id: self.program.to_string(),
            version: 1,
            name: "Café".into(),
            stamps_required: 10,
            active: true,
        };
        self.stamping(at, "program_changed", st::event::Fact::ProgramChanged(fact))
    }

    pub(crate) fn opened(&self, at: DateTime<Utc>, who: Customer) -> Received {
        let fact = st::CardOpened {
            card_id: who.card.to_string(),
            customer_id: who.id.to_string(),
            program_id: self.program.to_string(),
            card_version: 1,
            stamps_required: 10,
        };
        self.stamping(at, "card_opened", st::event::Fact::CardOpened(fact))
    }

    /// A stamp that leaves her first card with `stamps`.
    pub(crate) fn stamped(&self, at: DateTime<Utc>, who: Customer, stamps: i32) -> Received {
        self.stamped_in(at, who, stamps, 1)
    }

    /// The same of a later cycle of it.
    pub(crate) fn stamped_in(&self, at: DateTime<Utc>, who: Customer, stamps: i32, cycle: i32) -> Received {
        let version = i64::from(10 * (cycle - 1) + stamps) + 1;
        let card = self.state(who, version, stamps);
        let fact = st::StampAdded {
            card: card.map(|card| st::CardState { cycle, ..card }),
            count: 1,
            kind: "earn".into(),
            via: "scan".into(),
            amount_cents: Some(2_000),
            ..Default::default()
        };
        self.stamping(at, "stamp_added", st::event::Fact::StampAdded(fact))
    }

    pub(crate) fn voided(
        &self,
        at: DateTime<Utc>,
        of: DateTime<Utc>,
        who: Customer,
        stamps: i32,
    ) -> Received {
        let fact = st::StampVoided {
            card: self.state(who, 100, stamps),
            count: -1,
            reversed_kind: "earn".into(),
            reversed_recorded_at: Some(timestamp(of)),
            ..Default::default()
        };
        self.stamping(at, "stamp_voided", st::event::Fact::StampVoided(fact))
    }

    pub(crate) fn unlocked(
        &self,
        at: DateTime<Utc>,
        who: Customer,
        reward: RewardId,
        ends: Option<DateTime<Utc>>,
    ) -> Received {
        let fact = st::RewardUnlocked {
            reward_id: reward.to_string(),
            card_id: who.card.to_string(),
            customer_id: who.id.to_string(),
            program_id: self.program.to_string(),
            title: "Café gratis".into(),
            expires_at: ends.map(timestamp),
            ..Default::default()
        };
        self.stamping(at, "reward_unlocked", st::event::Fact::RewardUnlocked(fact))
    }

    pub(crate) fn redeemed(&self, at: DateTime<Utc>, who: Customer, reward: RewardId) -> Received {
        let fact = st::RewardRedeemed {
            reward_id: reward.to_string(),
            card_id: who.card.to_string(),
            customer_id: who.id.to_string(),
            program_id: self.program.to_string(),
            ..Default::default()
        };
        self.stamping(at, "reward_redeemed", st::event::Fact::RewardRedeemed(fact))
    }

    pub(crate) fn installed(&self, at: DateTime<Utc>, who: Customer) -> Received {
        let fact = wp::PassInstalled {
            card_id: who.card.to_string(),
            customer_id: who.id.to_string(),
            program_id: self.program.to_string(),
            wallet: "google".into(),
        };
        self.wallet(at, "pass_installed", wp::event::Fact::PassInstalled(fact))
    }

    pub(crate) fn pass_message(
        &self,
        at: DateTime<Utc>,
        campaign: &str,
        send: &pb::Send,
        status: &str,
    ) -> Received {
        let reason = if status == "failed" { "no_pass" } else { "" };
        self.pass_ended(at, campaign, send, (status, reason))
    }

    /// Wallet-pass's word on a send.
    pub(crate) fn pass_ended(
        &self,
        at: DateTime<Utc>,
        campaign: &str,
        send: &pb::Send,
        (status, reason): (&str, &str),
    ) -> Received {
        let fact = wp::PassMessage {
            send_id: send.send_id.clone(),
            campaign_id: campaign.into(),
            customer_id: send.customer_id.clone(),
            status: status.into(),
            reason: reason.into(),
        };
        self.wallet(at, "pass_message", wp::event::Fact::PassMessage(fact))
    }

    pub(crate) fn opted_out(&self, at: DateTime<Utc>, who: Customer, campaign: &str) -> Received {
        let fact = me::OptedOut { customer_id: who.id.to_string(), campaign_id: campaign.into() };
        self.messaging(at, "opted_out", me::event::Fact::OptedOut(fact))
    }

    pub(crate) fn held(&self, at: DateTime<Utc>, state: &str, reason: &str) -> Received {
        let fact = me::SendingHeld { state: state.into(), reason: reason.into() };
        self.messaging(at, "sending_held", me::event::Fact::SendingHeld(fact))
    }

    /// Messaging's word on a send.
    pub(crate) fn status(
        &self,
        at: DateTime<Utc>,
        campaign: &str,
        send: &pb::Send,
        (status, version, reason): (&str, i32, &str),
    ) -> Received {
        let fact = me::MessageStatus {
            message_id: CampaignId::generate().to_string(),
            send_id: send.send_id.clone(),
            campaign_id: campaign.into(),
            customer_id: send.customer_id.clone(),
            status: status.into(),
            version,
            reason: reason.into(),
            cost_cents: if reason.is_empty() { 28 } else { 0 },
            category: "marketing".into(),
        };
        self.messaging(at, "message_status", me::event::Fact::MessageStatus(fact))
    }

    /// Customers who came once, ten days ago, and want to be written to.
    pub(crate) async fn regulars(&self, world: &World, count: usize) -> Vec<Customer> {
        let at = world.now() - Duration::days(10);
        let customers: Vec<Customer> = (0..count).map(|_| Customer::new()).collect();
        for some in customers.chunks(100) {
            let events = some.iter().flat_map(|who| {
                [self.enrolled(at, *who), self.consent(at, *who, "granted", 1), self.stamped(at, *who, 1)]
            });
            world.deliver(events.collect()).await;
        }
        customers
    }

    /// As many customers as it takes, without telling their stories.
    pub(crate) async fn fill(&self, world: &World, count: usize) {
        let ids: Vec<uuid::Uuid> = (0..count).map(|_| CustomerId::generate().as_uuid()).collect();
        sqlx::query(
            "insert into campaign.audience
                 (business_id, customer_id, joined_at, consent, consent_version, consent_at, days, entries, visits,
                  first_day, last_day, card_id, stamps, stamps_left)
             select $1, id, $3, 'granted', 1, $3, array[$3::date], array[1], 1, $3::date, $3::date, id, 1, 9
             from unnest($2::uuid[]) as id",
        )
        .bind(self.business.as_uuid())
        .bind(ids)
        .bind(world.now() - Duration::days(40))
        .execute(&world.pool)
        .await
        .unwrap();
    }

    pub(crate) async fn draft(
        &self,
        world: &World,
        change: impl FnOnce(&mut pb::CreateCampaignRequest),
    ) -> pb::Campaign {
        let mut asked = pb::CreateCampaignRequest {
            operation_id: OperationId::generate().to_string(),
            name: "Novedades".into(),
            audience: Some(everybody()),
            wordings: news(),
            holdout_percent: Some(0),
            ..Default::default()
        };
        change(&mut asked);
        let made = world.client().create_campaign(world.request(self.owner(), asked)).await;
        made.unwrap().into_inner().campaign.unwrap()
    }

    pub(crate) async fn launch(&self, world: &World, id: &str) -> Result<pb::Campaign, Status> {
        let asked = pb::LaunchCampaignRequest { campaign_id: id.into() };
        let answer = world.client().launch_campaign(world.request(self.owner(), asked)).await;
        answer.map(|answer| answer.into_inner().campaign.unwrap())
    }

    /// A campaign that was launched and planned.
    pub(crate) async fn blast(
        &self,
        world: &World,
        change: impl FnOnce(&mut pb::CreateCampaignRequest),
    ) -> pb::Campaign {
        let draft = self.draft(world, change).await;
        self.launch(world, &draft.campaign_id).await.unwrap();
        world.plan().await;
        self.get(world, &draft.campaign_id).await
    }

    pub(crate) async fn get(&self, world: &World, id: &str) -> pb::Campaign {
        let asked = pb::GetCampaignRequest { campaign_id: id.into() };
        let answer = world.client().get_campaign(world.request(self.owner(), asked)).await;
        answer.unwrap().into_inner().campaign.unwrap()
    }

    pub(crate) async fn preview(
        &self,
        world: &World,
        audience: pb::Audience,
        policy: &str,
    ) -> Result<pb::PreviewAudienceResponse, Status> {
        let asked = pb::PreviewAudienceRequest {
            audience: Some(audience),
            channel_policy: policy.into(),
            ..Default::default()
        };
        self.ask_preview(world, asked).await
    }

    pub(crate) async fn ask_preview(
        &self,
        world: &World,
        asked: pb::PreviewAudienceRequest,
    ) -> Result<pb::PreviewAudienceResponse, Status> {
        let answer = world.client().preview_audience(world.request(self.owner(), asked)).await;
        answer.map(tonic::Response::into_inner)
    }
}

impl Customer {
    pub(crate) fn new() -> Self {
        Self { id: CustomerId::generate(), card: CardId::generate() }
    }
}
