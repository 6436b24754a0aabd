//! What is asked of other services, at the moment it is needed: cards of stamping; of enrollment the names of shops and where they
//! are, and who may be written to.

use std::collections::HashSet;
use std::time::Duration;

use boot::Link;
use boot::auth::ServiceIdentity;
use chrono::DateTime;
use kernel::{BusinessId, CardId, CustomerId, Locale, ProgramId, Zone};
use moka::future::Cache;
use proto::enrollment::business_service_client::BusinessServiceClient;
use proto::enrollment::customer_service_client::CustomerServiceClient;
use proto::enrollment::{GetBusinessRequest, GetContactsRequest};
use proto::stamping as st;
use proto::stamping::stamping_service_client::StampingServiceClient;
use tonic::Code;

use crate::Error;
use crate::domain::link::Holder;
use crate::domain::text::Text;
use crate::domain::view::{CardView, OpenReward, Program};

/// How long it is believed what a shop is called, and where it is.
const SHOPS_KEPT: Duration = Duration::from_secs(60);
/// Shops remembered.
const SHOPS: u64 = 10_000;
/// Most customers of one question.
const MOST_ASKED: usize = 200;

/// A shop, as enrollment knows it.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) name: String,
    pub(crate) zone: Zone,
}

/// The ways to the services that own what passes show.
pub(crate) struct Peers {
    stamping: Link,
    enrollment: Link,
    identity: ServiceIdentity,
    shops: Cache<BusinessId, Shop>,
}

impl Peers {
    pub(crate) fn new(stamping: Link, enrollment: Link, identity: ServiceIdentity) -> Self {
        let shops = Cache::builder().max_capacity(SHOPS).time_to_live(SHOPS_KEPT).build();
        Self { stamping, enrollment, identity, shops }
    }

    fn stamping(&self) -> StampingServiceClient<Link> {
        StampingServiceClient::new(self.stamping.clone())
    }

    /// A shop changed its name, or its zone.
    pub(crate) async fn forget_shop(&self, business: BusinessId) {
        self.shops.invalidate(&business).await;
    }

    /// What a shop is called.
    pub(crate) async fn name(&self, business: BusinessId) -> Result<String, Error> {
        Ok(self.shop(business).await?.name)
    }

    /// What a shop is called, and where it is.
    pub(crate) async fn shop(&self, business: BusinessId) -> Result<Shop, Error> {
        if let Some(shop) = self.shops.get(&business).await {
            return Ok(shop);
        }
        let question = GetBusinessRequest { business_id: business.to_string() };
        let question = self.identity.request(question).await?;
        let answer = BusinessServiceClient::new(self.enrollment.clone()).get_business(question).await?;
        let told = answer.into_inner().business.unwrap_or_default();
        let shop = Shop { zone: Zone::parse(&told.time_zone).unwrap_or(Zone::LIMA), name: told.name };
        self.shops.insert(business, shop.clone()).await;
        Ok(shop)
    }

    /// Those of these customers who may be told what a campaign says: whoever is not answered may not. How else they are reached is
    /// none of our business, and is forgotten.
    pub(crate) async fn may_be_written_to(
        &self,
        business: BusinessId,
        customers: &[CustomerId],
    ) -> Result<HashSet<CustomerId>, Error> {
        let mut found = HashSet::with_capacity(customers.len());
        for some in customers.chunks(MOST_ASKED) {
            let question = GetContactsRequest {
                customer_ids: some.iter().map(ToString::to_string).collect(),
                purpose: "marketing".to_owned(),
                business_id: business.to_string(),
            };
            let question = self.identity.request(question).await?;
            let answer = CustomerServiceClient::new(self.enrollment.clone()).get_contacts(question).await?;
            let contacts = answer.into_inner().contacts;
            found
                .extend(contacts.iter().filter_map(|contact| contact.customer_id.parse::<CustomerId>().ok()));
        }
        Ok(found)
    }

    /// A card as it is now, without the shop's picture and without news, which are ours.
    pub(crate) async fn card(&self, holder: Holder, language: Locale) -> Result<CardView, Error> {
        let question =
            st::GetCardRequest { card_id: holder.card.to_string(), business_id: holder.business.to_string() };
        let question = self.identity.request(question).await?;
        let (card, shop) = tokio::join!(
            async { self.stamping().get_card(question).await.map(tonic::Response::into_inner) },
            self.name(holder.business)
        );
        let card = card.map_err(|status| match status.code() {
            Code::NotFound => Error::NotFound("card_id"),
            _ => status.into(),
        })?;
        view(card, holder.business, shop?, language).ok_or(Error::Unavailable("stamping"))
    }

    /// The cards of a holder's customer.
    pub(crate) async fn cards_of(&self, holder: Holder) -> Result<Vec<CardId>, Error> {
        let question = st::ListCardsRequest {
            customer_id: holder.customer.to_string(),
            business_id: holder.business.to_string(),
        };
        let question = self.identity.request(question).await?;
        let answer = self.stamping().list_cards(question).await?.into_inner();
        Ok(answer.cards.iter().map(|card| card.card_id.parse()).collect::<Result<_, _>>()?)
    }

    /// An active program of a business.
    pub(crate) async fn program(&self, business: BusinessId, program: ProgramId) -> Result<Program, Error> {
        let question = st::ListPublicProgramsRequest { business_id: business.to_string() };
        let question = self.identity.request(question).await?;
        let answer = self.stamping().list_public_programs(question).await?.into_inner();
        let found = answer.programs.into_iter().find(|found| found.program_id == program.to_string());
        let found = found.ok_or(Error::NotFound("program_id"))?;
        program_of(found, business, self.name(business).await?).ok_or(Error::Unavailable("stamping"))
    }
}

fn view(told: st::GetCardResponse, business: BusinessId, shop: String, language: Locale) -> Option<CardView> {
    let card = told.card?;
    let open = told.rewards.into_iter().filter(|reward| reward.state == "open");
    let moment = |at: prost_types::Timestamp| {
        DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).unwrap_or(0))
    };
    Some(CardView {
        id: card.card_id.parse().ok()?,
        customer: card.customer_id.parse().ok()?,
        stamps: card.stamps,
        cycle: card.cycle,
        open_rewards: open
            .map(|reward| OpenReward { title: reward.title, expires_at: reward.expires_at.and_then(moment) })
            .collect(),
        code: told.code,
        rotating: told.rotating.map(|rotating| (rotating.prefix, rotating.key_hex)),
        program: program_of(told.program?, business, shop)?,
        language,
        news: Text::default(),
        closed: false,
    })
}

fn program_of(program: st::Program, business: BusinessId, shop: String) -> Option<Program> {
    let look = program.look.unwrap_or_default();
    Some(Program {
        id: program.program_id.parse().ok()?,
        business,
        version: program.version,
        name: program.name,
        organization: shop,
        required: program.stamps_required,
        ink: look.ink,
        paper: look.paper,
        shape: look.stamp_shape,
        rewards: program.rewards.into_iter().map(|rule| (rule.at, rule.title)).collect(),
        logo: None,
    })
}
