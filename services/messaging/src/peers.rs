//! What is asked of other services, at the moment it is needed: contacts, words and consents of enrollment, cards of stamping.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use boot::Link;
use boot::auth::ServiceIdentity;
use kernel::{BusinessId, CardId, CustomerId, Locale, Phone};
use proto::enrollment as en;
use proto::enrollment::business_service_client::BusinessServiceClient;
use proto::enrollment::customer_service_client::CustomerServiceClient;
use proto::stamping as st;
use proto::stamping::stamping_service_client::StampingServiceClient;
use uuid::Uuid;

use crate::Error;

/// How long what a shop is called is believed.
const SHOPS_KEPT: Duration = Duration::from_secs(60);
/// Shops remembered.
const MOST_SHOPS: usize = 10_000;
/// Most ids of one question.
const MOST_ASKED: usize = 200;

/// The ways to the services that own what messages speak of.
pub(crate) struct Peers {
    enrollment: Link,
    stamping: Link,
    identity: ServiceIdentity,
    shops: Mutex<HashMap<BusinessId, (Shop, Instant)>>,
}

/// What a shop is called, and how it speaks.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) name: String,
    pub(crate) language: Locale,
}

/// How a customer is reached.
pub(crate) struct Contact {
    pub(crate) customer: CustomerId,
    pub(crate) first_name: String,
    pub(crate) phone: Phone,
}

/// A customer known by her number.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) business: BusinessId,
    pub(crate) customer: CustomerId,
    pub(crate) language: Locale,
    /// granted, pending, revoked, no.
    pub(crate) marketing: String,
}

/// What came of a one-use word.
pub(crate) struct WordUse {
    pub(crate) outcome: String,
    pub(crate) business: Option<BusinessId>,
    pub(crate) customer: Option<CustomerId>,
    pub(crate) language: Locale,
    pub(crate) card: Option<CardId>,
    pub(crate) link_token: String,
    pub(crate) is_granted: bool,
}

/// A card of a customer's.
pub(crate) struct CardState {
    pub(crate) card: CardId,
    pub(crate) stamps: i32,
    pub(crate) required: i32,
    pub(crate) open_rewards: Vec<String>,
}

impl Peers {
    pub(crate) fn new(enrollment: Link, stamping: Link, identity: ServiceIdentity) -> Self {
        Self { enrollment, stamping, identity, shops: Mutex::default() }
    }

    fn customers(&self) -> CustomerServiceClient<Link> {
        CustomerServiceClient::new(self.enrollment.clone())
    }

    /// A shop changed its name.
    pub(crate) fn forget_shop(&self, business: BusinessId) {
        self.shops.lock().unwrap_or_else(PoisonError::into_inner).remove(&business);
    }

    /// What a shop is called.
    pub(crate) async fn shop(&self, business: BusinessId) -> Result<Shop, Error> {
        let known = {
            let shops = self.shops.lock().unwrap_or_else(PoisonError::into_inner);
            shops.get(&business).filter(|(_, at)| at.elapsed() < SHOPS_KEPT).map(|(shop, _)| shop.clone())
        };
        if let Some(shop) = known {
            return Ok(shop);
        }
        let question = en::GetBusinessRequest { business_id: business.to_string() };
        let question = self.identity.request(question).await?;
        let answer = BusinessServiceClient::new(self.enrollment.clone()).get_business(question).await?;
        let told = answer.into_inner().business.unwrap_or_default();
        let shop = Shop { name: told.name, language: Locale::from_tag(&told.language) };
        let mut shops = self.shops.lock().unwrap_or_else(PoisonError::into_inner);
        if shops.len() >= MOST_SHOPS {
            shops.clear();
        }
        shops.insert(business, (shop.clone(), Instant::now()));
        Ok(shop)
    }

    /// Who of these may be written to for a purpose, and where: whoever is not answered may not.
    pub(crate) async fn contacts(
        &self,
        business: BusinessId,
        customers: &[CustomerId],
        is_marketing: bool,
    ) -> Result<Vec<Contact>, Error> {
        let mut found = Vec::with_capacity(customers.len());
        for some in customers.chunks(MOST_ASKED) {
            let question = en::GetContactsRequest {
                customer_ids: some.iter().map(ToString::to_string).collect(),
                purpose: if is_marketing { "marketing" } else { "service" }.to_owned(),
                business_id: business.to_string(),
            };
            let question = self.identity.request(question).await?;
            let answer = self.customers().get_contacts(question).await?.into_inner();
            found.extend(answer.contacts.into_iter().filter_map(|contact| {
                Some(Contact {
                    customer: contact.customer_id.parse().ok()?,
                    first_name: contact.first_name,
                    phone: contact.phone.parse().ok()?,
                })
            }));
        }
        Ok(found)
    }

    /// Where a number is known, among these.
    pub(crate) async fn find(&self, phone: &Phone, businesses: &[BusinessId]) -> Result<Vec<Found>, Error> {
        let mut found = Vec::new();
        for some in businesses.chunks(MOST_ASKED) {
            let question = en::FindByPhoneRequest {
                phone: phone.as_str().to_owned(),
                business_ids: some.iter().map(ToString::to_string).collect(),
            };
            let question = self.identity.request(question).await?;
            let answer = self.customers().find_by_phone(question).await?.into_inner();
            found.extend(answer.found.into_iter().filter_map(|one| {
                Some(Found {
                    business: one.business_id.parse().ok()?,
                    customer: one.customer_id.parse().ok()?,
                    language: Locale::from_tag(&one.language),
                    marketing: one.marketing,
                })
            }));
        }
        Ok(found)
    }

    /// Writes a change of mind about marketing down, with her message as the evidence.
    pub(crate) async fn set_marketing(
        &self,
        business: BusinessId,
        customer: CustomerId,
        granted: bool,
        message: Uuid,
    ) -> Result<(), Error> {
        let question = en::SetConsentRequest {
            customer_id: customer.to_string(),
            purpose: "marketing".into(),
            granted,
            business_id: business.to_string(),
            // Who had agreed before had declared it then.
            adult_ok: false,
            message_id: message.to_string(),
        };
        let question = self.identity.request(question).await?;
        self.customers().set_consent(question).await?;
        Ok(())
    }

    /// Uses a one-use word that she sent.
    pub(crate) async fn use_word(&self, word: &str, phone: &Phone, message: Uuid) -> Result<WordUse, Error> {
        let question = en::UseWordRequest {
            word: word.to_owned(),
            phone: phone.as_str().to_owned(),
            message_id: message.to_string(),
        };
        let question = self.identity.request(question).await?;
        let answer = self.customers().use_word(question).await?.into_inner();
        Ok(WordUse {
            business: answer.business_id.parse().ok(),
            customer: answer.customer_id.parse().ok(),
            language: Locale::from_tag(&answer.language),
            card: answer.card_id.parse().ok(),
            link_token: answer.link_token,
            is_granted: answer.marketing == "granted",
            outcome: answer.outcome,
        })
    }

    /// The cards of a customer, with what she may fetch.
    pub(crate) async fn cards(
        &self,
        business: BusinessId,
        customer: CustomerId,
    ) -> Result<Vec<CardState>, Error> {
        let question =
            st::ListCardsRequest { customer_id: customer.to_string(), business_id: business.to_string() };
        let question = self.identity.request(question).await?;
        let answer =
            StampingServiceClient::new(self.stamping.clone()).list_cards(question).await?.into_inner();
        // Rewards do not say whose they are; with one card, as nearly always, they are that card's.
        let open: Vec<String> = answer
            .rewards
            .into_iter()
            .filter(|reward| reward.state == "open")
            .map(|reward| reward.title)
            .collect();
        let mut cards: Vec<CardState> = answer
            .cards
            .into_iter()
            .filter_map(|card| {
                Some(CardState {
                    card: card.card_id.parse().ok()?,
                    stamps: card.stamps,
                    required: card.stamps_required,
                    open_rewards: Vec::new(),
                })
            })
            .collect();
        if let Some(first) = cards.first_mut() {
            first.open_rewards = open;
        }
        Ok(cards)
    }

    /// A one-use link that opens a card.
    pub(crate) async fn card_link(
        &self,
        business: BusinessId,
        customer: CustomerId,
        card: CardId,
    ) -> Result<String, Error> {
        let question = en::CreateCardLinkRequest {
            customer_id: customer.to_string(),
            card_id: card.to_string(),
            business_id: business.to_string(),
        };
        let question = self.identity.request(question).await?;
        Ok(self.customers().create_card_link(question).await?.into_inner().link_token)
    }
}
