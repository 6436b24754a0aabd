//! The demonstration: Café Tostado in Miraflores, with sixty days behind it, made through the same calls that tills and
//! pages make, while the services' clock is moved through those days.

use boot::auth::{ServiceIdentity, with_bearer};
use chrono::{DateTime, Duration, Utc};
use kernel::{Clock, MessageId, OperationId, Phone, Zone};
use proto::enrollment as en;
use proto::enrollment::auth_service_client::AuthServiceClient;
use proto::enrollment::business_service_client::BusinessServiceClient;
use proto::enrollment::customer_service_client::CustomerServiceClient;
use proto::stamping as st;
use proto::stamping::stamping_service_client::StampingServiceClient;

use crate::greeting::say;
use crate::operator::Desk;
use crate::parties::Parties;
use crate::platform::{Backing, Links, Platform};
use crate::reached::Operator;
use crate::secrets::{DemoSignIn, Secrets, word};
use crate::simulated::{self, DAYS, Person};

const SHOP: &str = "Café Tostado";
const OWNER: &str = "Lucía Paredes";
/// What the operator lets it spend on messages.
const DAILY_CENTS: i64 = 5_000;
const MONTHLY_CENTS: i64 = 60_000;
const EMAIL: &str = "lucia@cafetostado.pe";
/// Name and PIN of those who stamp.
const STAMPERS: [(&str, &str); 2] = [("Martín", "2468"), ("Yolanda", "1357")];

/// Makes the demonstration, and says how to get into it.
pub(crate) async fn make(
    backing: &Backing<'_>,
    parties: &Parties,
    now: DateTime<Utc>,
) -> anyhow::Result<DemoSignIn> {
    say(&format!("Making the demonstration: {SHOP}, Miraflores, with {DAYS} days of history"));
    let clock = Clock::manual(now);
    let platform = Platform::start(backing, parties, clock.clone()).await?;
    let shop =
        Shop { platform: &platform, links: &platform.links, parties, secrets: backing.secrets, clock, now };
    let made = shop.make().await;
    platform.stop().await?;
    made
}

struct Shop<'a> {
    platform: &'a Platform,
    parties: &'a Parties,
    links: &'a Links,
    secrets: &'a Secrets,
    clock: Clock,
    now: DateTime<Utc>,
}

/// A till with somebody at it.
struct Till {
    token: String,
}

impl Shop<'_> {
    async fn make(&self) -> anyhow::Result<DemoSignIn> {
        let opened = self.now - Duration::days(DAYS + 1);
        let password = word(14);
        self.clock.set(opened);
        let signup = en::SignupRequest {
            business_name: SHOP.into(),
            slug: "cafe-tostado".into(),
            owner_name: OWNER.into(),
            email: EMAIL.into(),
            password: password.clone(),
        };
        let business = self.auth().signup(signup).await?.into_inner().business.unwrap_or_default();
        let operator = Operator::of(self.platform, &self.secrets.operator);
        let desk = Desk { platform: self.platform, operator: &operator };
        self.clock.set(self.now);
        self.parties.introduce(&desk).await?;
        desk.approve(business.business_id.clone(), (DAILY_CENTS, MONTHLY_CENTS), 0).await?;
        // Tokens are judged by the machine's clock, so they are made by it; the days come after.
        let login = en::LoginRequest { email: EMAIL.into(), password: password.clone() };
        let owner = self.auth().login(login).await?.into_inner().tokens.unwrap_or_default().access_token;
        let location =
            en::CreateLocationRequest { name: "Miraflores".into(), address: "Calle Berlín 412".into() };
        let location = self.business().create_location(with_bearer(location, &owner)?).await?.into_inner();
        let location = location.location.unwrap_or_default().location_id;
        let mut tills = Vec::new();
        for (name, pin) in STAMPERS {
            tills.push(self.open_till(&owner, &location, name, pin).await?);
        }
        self.clock.set(opened);
        self.stamping().create_program(with_bearer(program(), &owner)?).await?;

        let people = simulated::people(self.now, Zone::LIMA);
        let first_card = self.live_through(&people, &business.slug, &tills).await?;
        Ok(DemoSignIn {
            email: EMAIL.into(),
            password,
            stamper: STAMPERS[0].0.into(),
            pin: STAMPERS[0].1.into(),
            slug: business.slug,
            card_path: first_card,
        })
    }

    async fn open_till(&self, owner: &str, location: &str, name: &str, pin: &str) -> anyhow::Result<Till> {
        let member = en::CreateMemberRequest {
            name: name.into(),
            role: "stamper".into(),
            pin: pin.into(),
            location_id: location.into(),
            ..Default::default()
        };
        let member = self.business().create_member(with_bearer(member, owner)?).await?.into_inner();
        let pairing = en::CreatePairingRequest { location_id: location.into() };
        let pairing = self.business().create_pairing(with_bearer(pairing, owner)?).await?.into_inner();
        let device = en::PairDeviceRequest {
            pairing_code: pairing.pairing_code,
            name: format!("Caja de {name}"),
            public_key: Vec::new(),
        };
        let device = self.business().pair_device(device).await?.into_inner();
        let sign_in = en::LoginWithPinRequest {
            device_token: device.device_token,
            member_id: member.member.unwrap_or_default().member_id,
            pin: pin.into(),
        };
        let tokens = self.auth().login_with_pin(sign_in).await?.into_inner().tokens.unwrap_or_default();
        Ok(Till { token: tokens.access_token })
    }

    /// Everybody's visits in the order they happened. Returns the way to the card of the customer who comes most.
    async fn live_through(&self, people: &[Person], slug: &str, tills: &[Till]) -> anyhow::Result<String> {
        let mut visits: Vec<(DateTime<Utc>, usize, bool)> = people
            .iter()
            .enumerate()
            .flat_map(|(who, person)| {
                person.visits.iter().enumerate().map(move |(nth, at)| (*at, who, nth == 0))
            })
            .collect();
        visits.sort_unstable();
        let regular =
            people.iter().enumerate().max_by_key(|(_, person)| person.visits.len()).map_or(0, |(who, _)| who);
        let mut cards = vec![String::new(); people.len()];
        let mut way = String::new();
        let (total, mut told) = (visits.len(), 0);
        for (done, (at, who, is_first)) in visits.into_iter().enumerate() {
            let person = &people[who];
            if is_first {
                self.clock.set(person.joins_at);
                let joined = self.join(person, slug).await?;
                if who == regular {
                    way = format!("/t/{}#{}", joined.card_id, joined.holder_token);
                }
                cards[who] = joined.card_id;
            }
            self.clock.set(at);
            self.visit(&tills[done % tills.len()], &cards[who], person).await?;
            let tenth = (done + 1) * 10 / total;
            if tenth > told {
                told = tenth;
                say(&format!("  {} of {total} visits", done + 1));
            }
        }
        Ok(way)
    }

    async fn join(&self, person: &Person, slug: &str) -> anyhow::Result<en::EnrollResponse> {
        let enroll = en::EnrollRequest {
            slug: slug.into(),
            name: person.name.clone(),
            phone: person.phone.clone(),
            age_ok: true,
            consent_program: true,
            consent_marketing: person.marketing,
            adult_ok: person.marketing,
            language: "es".into(),
            ..Default::default()
        };
        let joined = self.customers().enroll(enroll).await?.into_inner();
        let identity =
            ServiceIdentity::new("gateway", self.secrets.service.clone(), self.links.enrollment.clone());
        let open = st::OpenCardRequest {
            business_id: joined.business_id.clone(),
            customer_id: joined.customer_id.clone(),
            card_id: joined.card_id.clone(),
            program_id: String::new(),
        };
        self.stamping().open_card(identity.request(open).await?).await?;
        if !joined.word.is_empty() {
            // She sends it from her own phone at once.
            let phone: Phone =
                person.phone.parse().map_err(|_| anyhow::anyhow!("{} is no phone", person.phone))?;
            let proof = en::UseWordRequest {
                word: joined.word.clone(),
                phone: phone.as_str().to_owned(),
                message_id: MessageId::generate().to_string(),
            };
            self.customers().use_word(identity.request(proof).await?).await?;
        }
        Ok(joined)
    }

    /// One visit: the code is read, a stamp is given, and an open reward is handed over first, if she thinks of it.
    async fn visit(&self, till: &Till, card: &str, person: &Person) -> anyhow::Result<()> {
        let card_view = st::GetCardRequest { card_id: card.into(), ..Default::default() };
        let view = self.stamping().get_card(with_bearer(card_view, &till.token)?).await?.into_inner();
        let scan = st::ScanRequest { code: view.code };
        let scan = self.stamping().scan(with_bearer(scan, &till.token)?).await?.into_inner();
        if let Some(reward) = scan.open_rewards.first().filter(|_| person.redeems) {
            let redeem = st::RedeemRewardRequest {
                operation_id: OperationId::generate().to_string(),
                reward_id: reward.reward_id.clone(),
                scan_id: scan.scan_id.clone(),
                location_id: String::new(),
            };
            self.stamping().redeem_reward(with_bearer(redeem, &till.token)?).await?;
        }
        let stamp = st::AddStampsRequest {
            operation_id: OperationId::generate().to_string(),
            target: Some(st::add_stamps_request::Target::ScanId(scan.scan_id)),
            count: 1,
            ..Default::default()
        };
        self.stamping().add_stamps(with_bearer(stamp, &till.token)?).await?;
        Ok(())
    }

    fn auth(&self) -> AuthServiceClient<boot::Link> {
        AuthServiceClient::new(self.links.enrollment.clone())
    }

    fn business(&self) -> BusinessServiceClient<boot::Link> {
        BusinessServiceClient::new(self.links.enrollment.clone())
    }

    fn customers(&self) -> CustomerServiceClient<boot::Link> {
        CustomerServiceClient::new(self.links.enrollment.clone())
    }

    fn stamping(&self) -> StampingServiceClient<boot::Link> {
        StampingServiceClient::new(self.links.stamping.clone())
    }
}

fn program() -> st::CreateProgramRequest {
    st::CreateProgramRequest {
        name: "Café de la casa".into(),
        stamps_required: 10,
        rewards: vec![
            st::RewardRule { at: 5, title: "Una galleta de avena".into(), cost_cents: Some(250) },
            st::RewardRule { at: 10, title: "Un café gratis".into(), cost_cents: Some(450) },
        ],
        rules: Some(st::Rules {
            max_per_visit: 3,
            min_minutes_between: 0,
            max_per_day: 6,
            expires_after_days: Some(60),
            cents_per_stamp: None,
            welcome_stamps: 0,
        }),
        look: Some(st::Look { ink: "#8a3b12".into(), paper: "#fbf4e6".into(), stamp_shape: "cup".into() }),
    }
}
