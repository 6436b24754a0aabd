//! `sello operator …`: what only the operator decides, since it is the operator who pays the provider: which business may
//! send, by which number, and for how much.

use std::process::ExitCode;

use anyhow::{Context, bail};
use proto::enrollment::GetPublicBusinessRequest;
use proto::enrollment::business_service_client::BusinessServiceClient;
use proto::messaging::messaging_service_client::MessagingServiceClient;
use proto::messaging::{
    ApproveBusinessRequest, ListSendersRequest, ListTemplatesRequest, Sender, SetSenderRequest,
    SetTemplateRequest, StopBusinessRequest, Template, Tier,
};
use tonic::Status;

use crate::greeting::say;
use crate::options::Options;
use crate::platform::Platform;
use crate::reached::{Operator, Reached};

/// What can be said after `sello operator`.
pub(crate) const USAGE: &str = "\
sello operator senders                            the numbers that messages go out by, and how they stand (DATA)
sello operator sender <+51…> [portfolio] [tier] [messages a second]    add a number, or change its limits
sello operator approve <slug> <soles a day> <soles a month>            let a business send, for so much
sello operator stop <slug>                        let it send no more
sello operator template <name> <es|en> <HX…>      a template that WhatsApp approved, by its content id";

/// Does as told, on the platform of `DATA`, running or not, or on one elsewhere.
pub(crate) async fn operator(options: Options, words: &[&str]) -> anyhow::Result<ExitCode> {
    let order = Order::read(words)?;
    let reached = Reached::by(&options).await?;
    let done = Desk { platform: &reached.platform, operator: &reached.operator }.follow(order).await;
    reached.leave().await?;
    done?.iter().for_each(|line| say(line));
    Ok(ExitCode::SUCCESS)
}

/// One decision.
#[derive(Debug, PartialEq)]
enum Order {
    Senders,
    Sender(SetSenderRequest),
    Approve { slug: String, daily_cents: i64, monthly_cents: i64 },
    Stop { slug: String },
    Template { name: String, language: String, content_sid: String },
}

impl Order {
    fn read(words: &[&str]) -> anyhow::Result<Self> {
        Ok(match *words {
            ["senders"] => Self::Senders,
            ["sender", phone, ref rest @ ..] if rest.len() <= 3 => Self::Sender(SetSenderRequest {
                phone: phone.to_owned(),
                portfolio: rest.first().copied().unwrap_or_default().to_owned(),
                tier: rest.get(1).map(|tier| number(tier, "the tier")).transpose()?,
                messages_per_second: rest.get(2).map(|rate| number(rate, "messages a second")).transpose()?,
                ..Default::default()
            }),
            ["approve", slug, daily, monthly] => Self::Approve {
                slug: slug.to_owned(),
                daily_cents: cents(daily, "soles a day")?,
                monthly_cents: cents(monthly, "soles a month")?,
            },
            ["stop", slug] => Self::Stop { slug: slug.to_owned() },
            ["template", name, language, content_sid] => Self::Template {
                name: name.to_owned(),
                language: language.to_owned(),
                content_sid: content_sid.to_owned(),
            },
            _ => bail!("this is not understood; it is one of:\n{USAGE}"),
        })
    }
}

fn number<T: std::str::FromStr>(text: &str, what: &str) -> anyhow::Result<T> {
    text.parse().ok().with_context(|| format!("{what}: {text} is not a whole number"))
}

/// Soles as a person writes them, in céntimos.
fn cents(text: &str, what: &str) -> anyhow::Result<i64> {
    let (soles, rest) = text.split_once('.').unwrap_or((text, ""));
    let is_plain = [soles, rest].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let cents = match rest.len() {
        _ if !is_plain => None,
        0 => Some(0),
        1 => rest.parse::<u8>().ok().map(|tenths| i64::from(tenths) * 10),
        2 => rest.parse::<u8>().ok().map(i64::from),
        _ => None,
    };
    let soles: Option<i64> = soles.parse::<u32>().ok().map(i64::from);
    soles
        .zip(cents)
        .map(|(soles, cents)| soles * 100 + cents)
        .with_context(|| format!("{what}: {text} is no amount such as 50 or 12.50"))
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
            Order::Senders => self.senders().await,
            Order::Sender(sender) => {
                let phone = sender.phone.clone();
                self.set_sender(sender).await?;
                Ok(vec![format!("{phone} is a sender")])
            }
            Order::Approve { slug, daily_cents, monthly_cents } => {
                self.approve(self.business(&slug).await?, daily_cents, monthly_cents).await?;
                Ok(vec![format!("{slug} may send")])
            }
            Order::Stop { slug } => {
                let request = StopBusinessRequest { business_id: self.business(&slug).await? };
                let request = self.operator.asks(request).await?;
                self.messaging().stop_business(request).await.map_err(told)?;
                Ok(vec![format!("{slug} sends no more")])
            }
            Order::Template { name, language, content_sid } => {
                let known = self.templates().await?;
                let known =
                    known.into_iter().find(|known| (&known.name, &known.language) == (&name, &language));
                let known = known.with_context(|| format!("there is no template {name} in {language}"))?;
                let template = Template { content_sid, status: "approved".into(), ..known };
                let request = SetTemplateRequest { template: Some(template) };
                let request = self.operator.asks(request).await?;
                self.messaging().set_template(request).await.map_err(told)?;
                Ok(vec![format!("{name} may be used in {language}")])
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

    /// Lets a business send, for so much.
    pub(crate) async fn approve(&self, business: String, daily: i64, monthly: i64) -> anyhow::Result<()> {
        let request = ApproveBusinessRequest {
            business_id: business,
            daily_limit_cents: daily,
            monthly_limit_cents: monthly,
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

    async fn list_senders(&self) -> anyhow::Result<Vec<Sender>> {
        let request = self.operator.asks(ListSendersRequest {}).await?;
        Ok(self.messaging().list_senders(request).await.map_err(told)?.into_inner().senders)
    }

    async fn senders(&self) -> anyhow::Result<Vec<String>> {
        let senders = self.list_senders().await?;
        if senders.is_empty() {
            return Ok(vec!["There is no sender yet: sello operator sender <+51…>".into()]);
        }
        Ok(senders
            .into_iter()
            .map(|sender| {
                let (tier, quality) = (sender.tier.unwrap_or_default(), sender.quality.unwrap_or_default());
                let limit = if tier.limit == 0 { "without a limit".into() } else { tier.limit.to_string() };
                format!(
                    "{}   {} businesses   {} a second   {} of {limit} addresses in 24 hours ({})   the plan: up to {} \
                     on a day   opted out {:.2} %   blocked {:.2} %   marketing {}",
                    sender.phone,
                    sender.businesses,
                    sender.messages_per_second,
                    tier.used,
                    growing(&tier),
                    tier.planned_per_day,
                    quality.opt_out_rate * 100.0,
                    quality.block_rate * 100.0,
                    if quality.state == "none" { "goes out" } else { quality.state.as_str() },
                )
            })
            .collect())
    }

    async fn business(&self, slug: &str) -> anyhow::Result<String> {
        let question = GetPublicBusinessRequest { slug: slug.to_owned(), ..Default::default() };
        let mut enrollment = BusinessServiceClient::new(self.platform.links.enrollment.clone());
        let answer = enrollment.get_public_business(question).await;
        Ok(answer.with_context(|| format!("no business is called {slug}"))?.into_inner().business_id)
    }

    fn messaging(&self) -> MessagingServiceClient<boot::Link> {
        MessagingServiceClient::new(self.platform.links.messaging.clone())
    }
}

/// When WhatsApp raises a limit, by how it is used.
fn growing(tier: &Tier) -> String {
    match tier.days_to_half {
        _ if tier.limit == 0 => "nothing to raise".to_owned(),
        0 => "raised soon: half of it was used".to_owned(),
        -1 => "not raised at this pace".to_owned(),
        days => format!("raised in about {days} days at this pace"),
    }
}

fn told(status: Status) -> anyhow::Error {
    anyhow::anyhow!("{}", status.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soles_are_read_as_people_write_them() {
        assert_eq!(cents("50", "x").unwrap(), 5_000);
        assert_eq!(cents("12.5", "x").unwrap(), 1_250);
        assert_eq!(cents("12.05", "x").unwrap(), 1_205);
        for wrong in ["", "-1", "1.234", "1,5", "S/ 5", "1.+5"] {
            assert!(cents(wrong, "x").is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_order_is_understood_or_refused_with_all_there_are() {
        let approve = Order::read(&["approve", "cafe-tostado", "20", "300"]).unwrap();
        let slug = "cafe-tostado".to_owned();
        assert_eq!(approve, Order::Approve { slug, daily_cents: 2_000, monthly_cents: 30_000 });
        for wrong in [&["approve", "cafe-tostado"][..], &[], &["sender"], &["senders", "all"]] {
            let refusal = Order::read(wrong).unwrap_err().to_string();
            assert!(refusal.contains("sello operator approve"), "{refusal}");
        }
        assert!(Order::read(&["sender", "+51999999999", "sello", "many"]).is_err());
    }
}
