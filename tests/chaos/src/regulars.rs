//! R3: customers who come, write and ask while everything dies and the providers fail. One in two keeps her card on an iPhone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use e2e::{Shop, World, eventually};
use fakes::iphone::{IPhone, Settings};
use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt, stream};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::client::{GIVE_UP_AFTER, PAUSE, Till, text};
use crate::errands::{Errand, Habits, crowd, draw};
use crate::messages::Wanted;
use crate::providers::Providers;

/// Who joins at once.
const AT_ONCE: usize = 4;
/// People who serve them, each her own.
const CLERKS: usize = 4;
/// What a clerk does before she turns to the next: R1 and R2 are to be judged, and not how much a machine can bear.
const BETWEEN_ERRANDS: Duration = Duration::from_millis(250);
/// Errands of one clerk before the campaign goes out: in the midst of everything.
const BEFORE_THE_CAMPAIGN: usize = 20;
/// How long joining may take, which is with nothing dead.
const JOINED_WITHIN: Duration = Duration::from_secs(60);
/// When a phone that could not fetch its pass tries again.
const PHONE_TRIES_AGAIN: Duration = Duration::from_secs(1);

/// A shop that writes to its customers.
pub(crate) struct Regulars {
    /// Its owner's.
    pub(crate) till: Till,
    /// By whom it writes, and by whom phones are told.
    pub(crate) providers: Providers,
    seed: u64,
}

/// Some who joined one after the other, and the campaign that is for them.
pub(crate) struct Wave {
    /// They.
    pub(crate) customers: Vec<Customer>,
    campaign: String,
    number: u64,
}

/// A customer who proved her number and wants to be written to.
pub(crate) struct Customer {
    /// Her card.
    pub(crate) card: String,
    /// What opens it.
    pub(crate) holder_token: String,
    /// Her card on her iPhone, if she has one.
    pub(crate) pass: Option<Pass>,
    id: String,
    phone: String,
    habits: Habits,
    answers: Mutex<Answers>,
}

/// A card in the wallet of an iPhone.
pub(crate) struct Pass {
    /// The phone.
    pub(crate) phone: Arc<IPhone>,
    /// The pass on it.
    pub(crate) serial: String,
}

/// What she is owed.
#[derive(Default)]
struct Answers {
    by_hand: Vec<String>,
    /// To her questions.
    automatic: usize,
}

/// A wave at its errands.
pub(crate) struct Shift {
    over: Arc<AtomicBool>,
    clerks: Vec<JoinHandle<anyhow::Result<()>>>,
}

impl Shift {
    /// Ends it: what was begun is brought to its end.
    pub(crate) async fn end(self) -> anyhow::Result<()> {
        self.over.store(true, Ordering::Relaxed);
        for done in try_join_all(self.clerks).await? {
            done?;
        }
        Ok(())
    }
}

impl Wave {
    /// What its customers must have been written.
    pub(crate) fn wanted(&self) -> Vec<Wanted> {
        let wanted = |customer: &Customer| {
            let answers = customer.answers.lock().unwrap_or_else(PoisonError::into_inner);
            Wanted {
                customer: customer.id.clone(),
                phone: customer.phone.clone(),
                campaign: self.campaign.clone(),
                replies: answers.by_hand.clone(),
                // She was thanked for proving her number, too.
                automatic: answers.automatic + 1,
            }
        };
        self.customers.iter().map(wanted).collect()
    }
}

impl Regulars {
    /// Opens the shop, which the operator lets write to as many as it wants.
    pub(crate) async fn open(providers: Providers, world: &World, seed: u64) -> Self {
        let shop = Shop::open(world).await;
        providers.whatsapp.approve(world, &shop, &["0", "80"]).await;
        providers.whatsapp.template(world, &shop, "news").await;
        Self { till: Till::of(shop), providers, seed }
    }

    /// Some join with these numbers, agree, and put their cards on their phones; the campaign for them is ready.
    pub(crate) async fn join(&self, number: u64, phones: &[String]) -> anyhow::Result<Wave> {
        self.till.sign_in().await?;
        let habits = crowd(&mut self.dice(number, CLERKS), phones.len());
        let joining = stream::iter(habits.into_iter().zip(phones))
            .map(|(habits, phone)| self.enroll(habits, phone))
            .buffered(AT_ONCE);
        let customers: Vec<Customer> = joining.try_collect().await?;
        let everybody = json!({ "audience": { "all": [] }, "holdout_percent": 0 });
        eventually("everybody of a wave to be reachable", JOINED_WITHIN, async || {
            let call = self.till.shop.api.post("/audiences/preview").bearer(&self.till.token());
            let preview = call.json(&everybody).try_send().await.ok().filter(|it| it.status() == 200)?;
            (preview.json()["reachable"].as_u64()? >= phones.len() as u64).then_some(())
        })
        .await;
        let campaign = self.draft(number).await?;
        Ok(Wave { customers, campaign, number })
    }

    /// Sets a wave to its errands.
    pub(crate) fn begin(self: &Arc<Self>, wave: &Arc<Wave>) -> Shift {
        let over = Arc::new(AtomicBool::new(false));
        let clerk = |clerk| tokio::spawn(Arc::clone(self).serve(Arc::clone(wave), clerk, Arc::clone(&over)));
        let clerks = (0..CLERKS).map(clerk).collect();
        Shift { over, clerks }
    }

    fn dice(&self, wave: u64, clerk: usize) -> StdRng {
        let of_this = wave.wrapping_mul(100).wrapping_add(clerk as u64);
        // R1 draws from the first of these thousand.
        StdRng::seed_from_u64(self.seed.wrapping_mul(1_000).wrapping_add(500).wrapping_add(of_this))
    }

    async fn enroll(&self, habits: Habits, phone: &str) -> anyhow::Result<Customer> {
        let (till, key) = (&self.till, e2e::key());
        let mut form = till.shop.form("Ana Flores", phone);
        form["consents"]["marketing"] = true.into();
        form["adult_ok"] = true.into();
        let joined = till.until_answered(|_| till.shop.api.post("/enrollments").key(key).json(&form)).await?;
        ensure!(joined.status() == 201, "nobody joins: {joined}");
        let joined = joined.json();
        let mut customer = Customer {
            card: text(&joined["card"]["id"])?,
            holder_token: text(&joined["card"]["holder_token"])?,
            pass: None,
            id: text(&joined["customer_id"])?,
            phone: phone.to_owned(),
            habits,
            answers: Mutex::default(),
        };
        self.says(&customer, &e2e::proof(&joined)).await?;
        let path = format!("/customers/{}", customer.id);
        eventually("her consent", JOINED_WITHIN, async || {
            let shown = till.shop.api.get(&path).bearer(&till.token()).try_send().await.ok()?;
            (shown.status() == 200 && shown.json()["marketing"] == "granted").then_some(())
        })
        .await;
        if customer.habits.has_iphone {
            customer.pass = Some(self.install(&customer).await);
        }
        Ok(customer)
    }

    /// Puts a card on a phone that Apple knows by the customer's number, so that the same seed fails the same pushes.
    async fn install(&self, customer: &Customer) -> Pass {
        let digits = customer.phone.trim_start_matches('+');
        let mut settings = Settings::new(format!("iphone-{digits}"));
        settings.push_token = Some(format!("{digits:0>64}"));
        let phone = Arc::new(self.providers.wallets.iphone_as(settings));
        let path = format!("/cards/{}", customer.card);
        let serial = eventually("a pass on her phone", JOINED_WITHIN, async || {
            let call = self.till.shop.api.get(&path).card(&customer.holder_token);
            let page = call.try_send().await.ok().filter(|page| page.status() == 200)?.json();
            phone.install(page["apple_url"].as_str()?).await.ok()
        })
        .await;
        // For as long as the run lasts.
        tokio::spawn(ask_again(Arc::clone(&phone)));
        Pass { phone, serial }
    }

    async fn draft(&self, number: u64) -> anyhow::Result<String> {
        let draft = json!({
            "name": format!("Ola {number}"), "audience": { "all": [] }, "holdout_percent": 0,
            "channel_policy": "whatsapp",
            "wordings": [{
                "language": "es", "template": "news",
                "variables": ["{first_name}", "{business}", format!("dos por uno, semana {number}")],
            }],
        });
        let (api, key) = (&self.till.shop.api, e2e::key());
        let call = |token: &str| api.post("/campaigns").bearer(token).key(key).json(&draft);
        let made = self.till.until_answered(call).await?;
        ensure!(made.status() == 201, "no campaign: {made}");
        text(&made.json()["campaign_id"])
    }

    async fn launch(&self, wave: &Wave) -> anyhow::Result<()> {
        let (api, path) = (&self.till.shop.api, format!("/campaigns/{}/launch", wave.campaign));
        let launched = self.till.until_answered(|token| api.post(&path).bearer(token)).await?;
        ensure!(launched.status() == 200, "a campaign does not begin: {launched}");
        Ok(())
    }

    /// What one clerk does for her share of a wave; the first also sends the campaign.
    async fn serve(
        self: Arc<Self>,
        wave: Arc<Wave>,
        clerk: usize,
        over: Arc<AtomicBool>,
    ) -> anyhow::Result<()> {
        let share = wave.customers.len().div_ceil(CLERKS).max(1);
        let mine = wave.customers.chunks(share).nth(clerk).unwrap_or_default();
        let mut dice = self.dice(wave.number, clerk);
        let mut habits: Vec<Habits> = mine.iter().map(|customer| customer.habits.clone()).collect();
        let (mut done, mut is_to_launch) = (0, clerk == 0);
        while !over.load(Ordering::Relaxed) {
            if is_to_launch && done >= BEFORE_THE_CAMPAIGN {
                self.launch(&wave).await?;
                is_to_launch = false;
            }
            let Some((place, errand)) = draw(&mut dice, &mut habits) else { break };
            self.run(&mine[place], errand).await.with_context(|| format!("{errand:?}"))?;
            done += 1;
            tokio::time::sleep(BETWEEN_ERRANDS).await;
        }
        if is_to_launch { self.launch(&wave).await } else { Ok(()) }
    }

    async fn run(&self, customer: &Customer, errand: Errand) -> anyhow::Result<()> {
        match errand {
            Errand::Visit => {
                let key = e2e::key();
                let stamped =
                    self.till.until_answered(|token| self.till.stamp(token, &customer.card, key)).await?;
                ensure!(stamped.status() / 100 == 2, "no stamp: {stamped}");
                Ok(())
            }
            Errand::Letter => self.correspond(customer).await,
            Errand::Question => {
                self.says(customer, "¿Cuántos sellos tengo?").await?;
                customer.answers.lock().unwrap_or_else(PoisonError::into_inner).automatic += 1;
                Ok(())
            }
        }
    }

    /// She writes, and a person answers: twice with one key, as an impatient hand does.
    async fn correspond(&self, customer: &Customer) -> anyhow::Result<()> {
        let number = customer.answers.lock().unwrap_or_else(PoisonError::into_inner).by_hand.len() + 1;
        self.says(customer, &format!("¿Abren el domingo? Pregunto por vez {number}")).await?;
        let reply = format!("Sí, de nueve a una. Respuesta {number}");
        let key = e2e::key();
        let first = self.reply(customer, &reply, key).await?;
        let again = self.reply(customer, &reply, key).await?;
        ensure!(
            first["message_id"] == again["message_id"],
            "one reply became two messages: {first} and {again}"
        );
        customer.answers.lock().unwrap_or_else(PoisonError::into_inner).by_hand.push(reply);
        Ok(())
    }

    /// Answers a customer as soon as her letter is in the inbox.
    async fn reply(&self, customer: &Customer, reply: &str, key: e2e::Uuid) -> anyhow::Result<Value> {
        let (api, path) = (&self.till.shop.api, format!("/inbox/{}", customer.id));
        let body = json!({ "text": reply });
        let begun = Instant::now();
        loop {
            let call = |token: &str| api.post(&path).bearer(token).key(key).json(&body);
            let answer = self.till.until_answered(call).await?;
            match answer.status() {
                201 => return Ok(answer.json()),
                404 if begun.elapsed() < GIVE_UP_AFTER => tokio::time::sleep(PAUSE).await,
                _ => bail!("no reply: {answer}"),
            }
        }
    }

    /// She writes, and Twilio tells of it until it is taken.
    async fn says(&self, customer: &Customer, words: &str) -> anyhow::Result<()> {
        let twilio = &self.providers.whatsapp.twilio;
        let begun = Instant::now();
        let mut written = twilio.customer(&customer.phone).says(words).await;
        while written.answer != Some(200) {
            ensure!(begun.elapsed() < GIVE_UP_AFTER, "what she wrote is answered with {:?}", written.answer);
            tokio::time::sleep(PAUSE).await;
            written = twilio.tell_again(&written).await;
        }
        Ok(())
    }
}

/// A phone that was told of a change and could not fetch it asks again by itself, as phones do. One that was not told never does.
async fn ask_again(phone: Arc<IPhone>) {
    let (mut screen, mut heeded) = (phone.watch(), 0);
    while screen.changed().await.is_ok() {
        let troubles = screen.borrow_and_update().troubles.len();
        if troubles == heeded {
            continue;
        }
        while phone.refresh().await.is_err() {
            tokio::time::sleep(PHONE_TRIES_AGAIN).await;
        }
        heeded = troubles;
    }
}
