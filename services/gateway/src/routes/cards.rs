//! A card as its holder sees it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use kernel::{CardId, Principal};
use proto::wallet_pass::GetPassLinksRequest;
use proto::{enrollment, stamping};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::programs::Program;
use super::wallets::WalletUrls;
use crate::auth::{Caller, Language};
use crate::edge::PublicUrl;
use crate::error::Refusal;
use crate::json::{Id, Json};
use crate::platform::{Platform, Shared};
use crate::wire::{present, some, time};

/// One customer's progress in one program.
#[derive(Serialize, ToSchema)]
pub(crate) struct Card {
    #[schema(value_type = Uuid)]
    id: String,
    #[schema(value_type = Uuid)]
    pub(crate) customer_id: String,
    #[schema(value_type = Uuid)]
    program_id: String,
    /// Stamps of the running cycle.
    pub(crate) stamps: i32,
    stamps_required: i32,
    cycle: i32,
    /// Every stamp ever kept.
    pub(crate) total: i64,
    /// Grows by one with each change.
    version: i64,
    /// Céntimos carried over to the next stamp.
    carried_cents: i64,
    opened_at: Option<DateTime<Utc>>,
    pub(crate) last_stamp_at: Option<DateTime<Utc>>,
}

impl From<stamping::Card> for Card {
    fn from(card: stamping::Card) -> Self {
        Self {
            id: card.card_id,
            customer_id: card.customer_id,
            program_id: card.program_id,
            stamps: card.stamps,
            stamps_required: card.stamps_required,
            cycle: card.cycle,
            total: card.total,
            version: card.version,
            carried_cents: card.carried_cents,
            opened_at: time(card.opened_at),
            last_stamp_at: time(card.last_stamp_at),
        }
    }
}

/// Something a cycle unlocked.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reward {
    #[schema(value_type = Uuid)]
    id: String,
    title: String,
    at: i32,
    cycle: i32,
    /// open, redeemed, expired or void.
    state: String,
    unlocked_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    redeemed_at: Option<DateTime<Utc>>,
}

impl From<stamping::Reward> for Reward {
    fn from(reward: stamping::Reward) -> Self {
        Self {
            id: reward.reward_id,
            title: reward.title,
            at: reward.at,
            cycle: reward.cycle,
            state: reward.state,
            unlocked_at: time(reward.unlocked_at),
            expires_at: time(reward.expires_at),
            redeemed_at: time(reward.redeemed_at),
        }
    }
}

/// One entry of the ledger.
#[derive(Serialize, ToSchema)]
pub(crate) struct Entry {
    #[schema(value_type = Uuid)]
    id: String,
    #[schema(value_type = Uuid)]
    card_id: String,
    /// earn, bonus, void or import.
    kind: String,
    /// scan, search, offline, import, api, referral, …
    via: String,
    /// Negative for a void.
    count: i32,
    cycle: i32,
    #[schema(value_type = Option<Uuid>)]
    member_id: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    device_id: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    location_id: Option<String>,
    amount_cents: Option<i64>,
    reason: Option<String>,
    /// The entry this one reverses.
    #[schema(value_type = Option<Uuid>)]
    reverses_id: Option<String>,
    /// A later entry reverses this one.
    voided: bool,
    /// When it happened at the till.
    occurred_at: Option<DateTime<Utc>>,
    /// When the server wrote it down.
    recorded_at: Option<DateTime<Utc>>,
}

impl From<stamping::LedgerEntry> for Entry {
    fn from(entry: stamping::LedgerEntry) -> Self {
        Self {
            id: entry.stamp_id,
            card_id: entry.card_id,
            kind: entry.kind,
            via: entry.via,
            count: entry.count,
            cycle: entry.cycle,
            member_id: some(entry.member_id),
            device_id: some(entry.device_id),
            location_id: some(entry.location_id),
            amount_cents: entry.amount_cents,
            reason: some(entry.reason),
            reverses_id: some(entry.reverses_stamp_id),
            voided: entry.voided,
            occurred_at: time(entry.occurred_at),
            recorded_at: time(entry.recorded_at),
        }
    }
}

/// A card with all its page shows.
#[derive(Serialize, ToSchema)]
pub(crate) struct CardPage {
    card: Card,
    program: Program,
    business: CardBusiness,
    rewards: Vec<Reward>,
    /// The newest fifty.
    history: Vec<Entry>,
    /// What the card shows to be scanned, where it cannot show the rotating one.
    code: String,
    /// What her phone makes the codes of that it shows; null for everybody else.
    rotating: Option<RotatingCode>,
    /// When the server told this, so that a phone whose clock is wrong still makes codes of the right moment.
    as_of: DateTime<Utc>,
    referral_url: Option<String>,
    /// The signed pass for Apple Wallet; null where there is none. Good for a day.
    #[schema(format = "uri")]
    apple_url: Option<String>,
    /// Saves the card to Google Wallet; null where that is off. Good for a day.
    #[schema(format = "uri")]
    google_url: Option<String>,
    /// The signed passes of all her cards at this business for Apple Wallet, in one file; null unless she has two or more and
    /// Apple Wallet is on. Good for a day.
    #[schema(format = "uri")]
    bundle_url: Option<String>,
    /// How many they are, at most ten; null where there is no bundle.
    #[schema(example = 2)]
    bundle_cards: Option<i32>,
    /// What her browser subscribes to notices with (`applicationServerKey` of the Push API); null where they are off, and for
    /// everybody else.
    push_key: Option<String>,
    customer: CardCustomer,
}

/// Codes that change every half minute: `{prefix}.{seconds since 1970}.{one-time code}` (RFC 6238, SHA-1, 30 seconds, 8
/// digits).
#[derive(Serialize, ToSchema)]
struct RotatingCode {
    prefix: String,
    /// The key of the one-time codes, in hexadecimal.
    key_hex: String,
}

#[derive(Serialize, ToSchema)]
struct CardBusiness {
    name: String,
    slug: String,
}

#[derive(Serialize, ToSchema)]
struct CardCustomer {
    first_name: Option<String>,
}

/// The web card: counters, rewards, history and code.
#[utoipa::path(
    get, path = "/api/v1/cards/{id}", tag = "stamping", operation_id = "getCard",
    security(("card" = []), ("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The card")),
    responses((status = 200, description = "The card", body = CardPage))
)]
pub(crate) async fn get(
    State(platform): State<Shared>,
    caller: Caller,
    PublicUrl(public_url): PublicUrl,
    Id(card): Id<CardId>,
) -> Result<Json<CardPage>, Refusal> {
    let mut wallets = WalletUrls::default();
    let (found, business, customer) = match caller.principal() {
        // Her token says who she is, so that everything can be asked at once.
        Principal::CardHolder { customer, .. } => {
            let customer = customer.to_string();
            let links = caller.request(GetPassLinksRequest::default());
            let (found, links) = tokio::join!(
                async {
                    tokio::try_join!(
                        platform.card(&caller, card),
                        platform.own_business(&caller),
                        platform.person(&caller, &customer)
                    )
                },
                platform.wallet_urls(Ok(links), &public_url)
            );
            wallets = links;
            found?
        }
        _ => {
            let (found, business) =
                tokio::try_join!(platform.card(&caller, card), platform.own_business(&caller))?;
            let customer = found.card.as_ref().map(|card| card.customer_id.clone()).unwrap_or_default();
            let person = platform.person(&caller, &customer).await?;
            (found, business, person)
        }
    };
    let referral_url = (!customer.referral_code.is_empty())
        .then(|| format!("{public_url}/unete/{}?r={}", business.slug, customer.referral_code));
    let (bundle_url, bundle_cards) = wallets.bundle.unzip();
    Ok(Json(CardPage {
        card: present(found.card)?.into(),
        program: present(found.program)?.into(),
        business: CardBusiness { name: business.name, slug: business.slug },
        rewards: found.rewards.into_iter().map(Reward::from).collect(),
        history: found.history.into_iter().map(Entry::from).collect(),
        code: found.code,
        rotating: found
            .rotating
            .map(|rotating| RotatingCode { prefix: rotating.prefix, key_hex: rotating.key_hex }),
        as_of: Utc::now(),
        referral_url,
        apple_url: wallets.apple,
        google_url: wallets.google,
        bundle_url,
        bundle_cards,
        push_key: wallets.push_key,
        customer: CardCustomer { first_name: customer.name.split_whitespace().next().map(str::to_owned) },
    }))
}

impl Platform {
    /// The card as stamping shows it to this caller.
    pub(crate) async fn card(
        &self,
        caller: &Caller,
        card: CardId,
    ) -> Result<stamping::GetCardResponse, Refusal> {
        let question = stamping::GetCardRequest { card_id: card.to_string(), ..Default::default() };
        Ok(self.stamping().get_card(caller.request(question)).await?.into_inner())
    }

    async fn own_business(&self, caller: &Caller) -> Result<enrollment::Business, Refusal> {
        let answer =
            self.business().get_business(caller.request(enrollment::GetBusinessRequest::default())).await?;
        present(answer.into_inner().business)
    }

    async fn person(&self, caller: &Caller, customer: &str) -> Result<enrollment::Customer, Refusal> {
        let question = enrollment::GetCustomerRequest { customer_id: customer.to_owned() };
        let answer = self.customers().get_customer(caller.request(question)).await?;
        present(answer.into_inner().customer)
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UseLink {
    link_token: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LinkedCard {
    #[schema(value_type = Uuid)]
    card_id: String,
    holder_token: String,
}

/// Opens a card on this phone with the one-use token of a link.
#[utoipa::path(
    post, path = "/api/v1/cards/link", tag = "enrollment", operation_id = "useCardLink", request_body = UseLink,
    responses((status = 200, description = "The card and its new holder token", body = LinkedCard),
        (status = 401, description = "The link was used or has ended"),
        (status = 404, description = "There is no such link"))
)]
pub(crate) async fn use_link(
    State(platform): State<Shared>,
    language: Language,
    Json(body): Json<UseLink>,
) -> Result<Json<LinkedCard>, Refusal> {
    let question = enrollment::UseCardLinkRequest { link_token: body.link_token };
    let answer = platform.customers().use_card_link(language.request(question)).await?.into_inner();
    Ok(Json(LinkedCard { card_id: answer.card_id, holder_token: answer.holder_token }))
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RotatedCode {
    code: String,
}

/// Revokes the code that is out and gives the next.
#[utoipa::path(
    post, path = "/api/v1/cards/{id}/rotate-code", tag = "stamping", operation_id = "rotateCode",
    security(("card" = []), ("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The card")),
    responses((status = 200, description = "The new code", body = RotatedCode))
)]
pub(crate) async fn rotate_code(
    State(platform): State<Shared>,
    caller: Caller,
    Id(card): Id<CardId>,
) -> Result<Json<RotatedCode>, Refusal> {
    let question = stamping::RotateCodeRequest { card_id: card.to_string() };
    let answer = platform.stamping().rotate_code(caller.request(question)).await?;
    Ok(Json(RotatedCode { code: answer.into_inner().code }))
}
