//! `sello operator …`: what only the operator decides, since it is the operator who pays the provider: which business may
//! send, by which number, for how much and in which words; and how all of them stand.

mod order;
mod shown;
mod texts;

use std::collections::HashMap;
use std::process::ExitCode;

use anyhow::{Context, bail};
use boot::{Link, Problem};
use futures::stream::{self, StreamExt, TryStreamExt};
use proto::enrollment::business_service_client::BusinessServiceClient;
use proto::enrollment::{GetBusinessRequest, GetPublicBusinessRequest};
use proto::messaging::messaging_service_client::MessagingServiceClient;
use proto::messaging::{
    Account, ApproveBusinessRequest, ListAccountsRequest, ListSendersRequest, ListTemplatesRequest, Sender,
    SetSenderRequest, SetTemplateRequest, SetWeightRequest, StopBusinessRequest, Template,
};
use tonic::{Code, Status};

use self::order::{Listed, Order};
use self::shown::Named;
use crate::greeting::say;
use crate::options::Options;
use crate::platform::Platform;
use crate::reached::{Operator, Reached};

/// What can be said after `sello operator`.
pub(crate) const USAGE: &str = "\
sello operator businesses [waiting|approved|stopped|braked]    who may send, for how much, and what holds it (DATA)
sello operator approve <slug> <soles a day> <soles a month> [weight]    let a business send, for so much; its share
                              beside others of the same number is 1 to 100, and 10 where nobody says
sello operator weight <slug> <weight>             give it another share
sello operator stop <slug>                        let it send no more
sello operator senders                            the numbers that messages go out by, how they stand, and which
                              businesses are braked and why
sello operator sender <+51…> [portfolio] [tier] [messages a second]    add a number, or change its limits
sello operator templates [pending|approved|paused|rejected]    the texts to write first with, and how WhatsApp stands to them
sello operator template add <file.json>           one or several, to be approved by WhatsApp; - reads what is piped in
sello operator template approve <name> <es|en> [HX…]    WhatsApp approved it, by this content id; none: the one before
sello operator template pause <name> <es|en> [why]      nothing is written with it for now
sello operator template reject <name> <es|en> <why>     nothing is written with it any more";

/// Businesses of one page.
const PAGE: i32 = 100;
/// Names that are asked for at once.
const ASKED_AT_ONCE: usize = 16;

/// Does as told, on the platform of `DATA`, running or not, or on one elsewhere.
pub(crate) async fn operator(options: Options, words: &[&str]) -> anyhow::Result<ExitCode> {
    let order = Order::read(words)?;
    let reached = Reached::by(&options).await?;
    let done = Desk { platform: &reached.platform, operator: &reached.operator }.follow(order).await;
    reached.leave().await?;
    done?.iter().for_each(|line| say(line));
    Ok(ExitCode::SUCCESS)
}

/// Where the operator's orders are carried out.
pub(crate) struct Desk<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) operator: &'a Operator,
}

impl Desk<'_> {
    /// Returns what there is to say of it.
    async fn follow(&self, order: Order) -> anyhow::Result<Vec<String>> {
        match order {
            Order::Businesses(listed) => self.businesses(listed).await,
            Order::Approve { slug, daily_cents, monthly_cents, weight } => {
                let business = self.business(&slug).await?;
                self.approve(business, (daily_cents, monthly_cents), weight.unwrap_or_default()).await?;
                Ok(vec![format!("{slug} may send")])
            }
            Order::Weight { slug, weight } => {
                let request = SetWeightRequest { business_id: self.business(&slug).await?, weight };
                let request = self.operator.asks(request).await?;
                self.messaging().set_weight(request).await.map_err(told)?;
                Ok(vec![format!("{slug} has a weight of {weight}")])
            }
            Order::Stop { slug } => {
                let request = StopBusinessRequest { business_id: self.business(&slug).await? };
                let request = self.operator.asks(request).await?;
                self.messaging().stop_business(request).await.map_err(told)?;
                Ok(vec![format!("{slug} sends no more")])
            }
            Order::Senders => self.senders().await,
            Order::Sender(sender) => {
                let phone = sender.phone.clone();
                self.set_sender(sender).await?;
                Ok(vec![format!("{phone} is a sender")])
            }
            Order::Templates(status) => {
                let templates = self.templates().await?.into_iter();
                let wanted = templates.filter(|known| status.is_empty() || known.status == status);
                Ok(shown::templates(&wanted.collect::<Vec<_>>()))
            }
            Order::Add(templates) => self.add(templates).await,
            Order::Judge(judgement) => {
                let said = shown::judged(&judgement);
                let request = self.operator.asks(judgement).await?;
                self.messaging().judge_template(request).await.map_err(told)?;
                Ok(vec![said])
            }
        }
    }

    /// Adds a number, or changes what is told of one that is there.
    pub(crate) async fn set_sender(&self, mut sender: SetSenderRequest) -> anyhow::Result<()> {
        let known = self.list_senders().await?.into_iter().find(|known| known.phone == sender.phone);
        sender.sender_id = known.map(|known| known.sender_id).unwrap_or_default();
        let request = self.operator.asks(sender).await?;
        self.messaging().set_sender(request).await.map_err(told)?;
        Ok(())
    }

    /// Lets a business send, for so many céntimos a day and a month. A weight of 0 leaves its weight as it is.
    pub(crate) async fn approve(
        &self,
        business: String,
        (daily, monthly): (i64, i64),
        weight: i32,
    ) -> anyhow::Result<()> {
        let request = ApproveBusinessRequest {
            business_id: business,
            daily_limit_cents: daily,
            monthly_limit_cents: monthly,
            weight,
            ..Default::default()
        };
        let request = self.operator.asks(request).await?;
        self.messaging().approve_business(request).await.map_err(told)?;
        Ok(())
    }

    /// Every template there is.
    pub(crate) async fn templates(&self) -> anyhow::Result<Vec<Template>> {
        let request = self.operator.asks(ListTemplatesRequest::default()).await?;
        Ok(self.messaging().list_templates(request).await.map_err(told)?.into_inner().templates)
    }

    /// Adds texts, none before all of them may be added. One that something may be written with is never written over: its
    /// words are what WhatsApp approved.
    async fn add(&self, templates: Vec<Template>) -> anyhow::Result<Vec<String>> {
        let known = self.templates().await?;
        for new in &templates {
            let is_it = |known: &&Template| (&known.name, &known.language) == (&new.name, &new.language);
            let in_use = |known: &&Template| ["approved", "paused"].contains(&known.status.as_str());
            if let Some(known) = known.iter().find(is_it).filter(in_use) {
                bail!(
                    "{} is there in {} and {}: call the new text by another name",
                    known.name,
                    known.language,
                    known.status
                );
            }
        }
        let mut said = Vec::new();
        for template in templates {
            let (name, language) = (template.name.clone(), template.language.clone());
            let request = self.operator.asks(SetTemplateRequest { template: Some(template) }).await?;
            let put = self.messaging().set_template(request).await.map_err(told);
            put.with_context(|| format!("{name} in {language} was not added"))?;
            said.push(format!("{name} waits in {language} for WhatsApp's approval"));
        }
        Ok(said)
    }

    async fn businesses(&self, listed: Listed) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        for status in listed.statuses() {
            let asked = ListAccountsRequest {
                status: (*status).to_owned(),
                is_braked: listed == Listed::Braked,
                ..Default::default()
            };
            found.extend(self.accounts(asked).await?);
        }
        if found.is_empty() {
            return Ok(vec![listed.nobody().to_owned()]);
        }
        Ok(shown::businesses(&self.named(found).await?))
    }

    async fn senders(&self) -> anyhow::Result<Vec<String>> {
        let senders = self.list_senders().await?;
        if senders.is_empty() {
            return Ok(vec!["There is no sender yet: sello operator sender <+51…>".into()]);
        }
        let braked = self.accounts(ListAccountsRequest { is_braked: true, ..Default::default() }).await?;
        let mut by_sender: HashMap<String, Vec<(Named, Account)>> = HashMap::new();
        for (named, account) in self.named(braked).await? {
            by_sender.entry(account.sender_id.clone()).or_default().push((named, account));
        }
        let lines = |sender: &Sender| {
            let braked = by_sender.get(&sender.sender_id).map(Vec::as_slice).unwrap_or_default();
            shown::sender(sender, braked)
        };
        Ok(senders.iter().flat_map(lines).collect())
    }

    async fn list_senders(&self) -> anyhow::Result<Vec<Sender>> {
        let request = self.operator.asks(ListSendersRequest {}).await?;
        Ok(self.messaging().list_senders(request).await.map_err(told)?.into_inner().senders)
    }

    /// Every account that a listing tells.
    async fn accounts(&self, asked: ListAccountsRequest) -> anyhow::Result<Vec<Account>> {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = ListAccountsRequest { limit: PAGE, cursor, ..asked.clone() };
            let page = self.operator.asks(page).await?;
            let page = self.messaging().list_accounts(page).await.map_err(told)?.into_inner();
            found.extend(page.accounts);
            if page.next_cursor.is_empty() {
                return Ok(found);
            }
            cursor = page.next_cursor;
        }
    }

    /// Each with what it is called, which only enrollment knows.
    async fn named(&self, accounts: Vec<Account>) -> anyhow::Result<Vec<(Named, Account)>> {
        let named = stream::iter(accounts).map(async |account| {
            let named = self.name_of(&account.business_id).await?;
            anyhow::Ok((named, account))
        });
        named.buffered(ASKED_AT_ONCE).try_collect().await
    }

    async fn name_of(&self, business: &str) -> anyhow::Result<Named> {
        let question = GetBusinessRequest { business_id: business.to_owned() };
        let question = self.operator.asks(question).await?;
        match self.enrollment().get_business(question).await {
            Ok(answer) => {
                let found = answer.into_inner().business.unwrap_or_default();
                Ok(Named { slug: found.slug, name: found.name })
            }
            // A platform that was put back may know more in one service than in another.
            Err(status) if status.code() == Code::NotFound => {
                Ok(Named { slug: business.to_owned(), name: String::new() })
            }
            Err(status) => Err(told(status)),
        }
    }

    async fn business(&self, slug: &str) -> anyhow::Result<String> {
        let question = GetPublicBusinessRequest { slug: slug.to_owned(), ..Default::default() };
        let answer = self.enrollment().get_public_business(question).await;
        Ok(answer.with_context(|| format!("no business is called {slug}"))?.into_inner().business_id)
    }

    fn enrollment(&self) -> BusinessServiceClient<Link> {
        BusinessServiceClient::new(self.platform.links.enrollment.clone())
    }

    fn messaging(&self) -> MessagingServiceClient<Link> {
        MessagingServiceClient::new(self.platform.links.messaging.clone())
    }
}

/// A refusal: the field and what is wrong with it, where it tells.
fn told(status: Status) -> anyhow::Error {
    let problem = Problem::from_status(&status);
    match problem.as_ref().and_then(|problem| problem.field.as_deref().map(|field| (problem, field))) {
        Some((problem, field)) => {
            let why = problem.reason.as_deref().unwrap_or(&problem.slug);
            anyhow::anyhow!("{field}: {}", why.replace(['_', '-'], " "))
        }
        None => anyhow::anyhow!("{}", status.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_its_field_in_words() {
        let refused = Problem::new("invalid").field("template.variables").reason("do_not_fit_the_body");
        let refused = told(refused.status(Code::InvalidArgument)).to_string();
        assert_eq!(refused, "template.variables: do not fit the body");
        let gone = told(Problem::new("not-found").field("template").status(Code::NotFound)).to_string();
        assert_eq!(gone, "template: not found");
        assert_eq!(told(Status::unavailable("away")).to_string(), "away");
    }

    /// The command of each line: `sello operator template add <file.json>`.
    fn commands() -> Vec<&'static str> {
        let lines = USAGE.lines().filter(|line| line.starts_with("sello operator "));
        lines.map(|line| line.split("  ").next().unwrap_or_default()).collect()
    }

    #[test]
    fn the_readme_lists_every_command() {
        let readme = include_str!("../../../README.md");
        assert_eq!(commands().len(), 11);
        for command in commands() {
            assert!(readme.contains(&format!("    {command}")), "{command} is not in the README");
        }
    }
}
