//! A campaign: what it says to whom, and the life it leads.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, Invalid, Locale};

use crate::domain::audience::Audience;
use crate::domain::trigger::Trigger;
use crate::domain::wording::{self, Wording};

/// Characters of a name.
pub const LONGEST_NAME: usize = 80;
/// The share held out unless somebody says otherwise.
pub const HOLDOUT_PERCENT: i32 = 10;
/// The largest share held out.
pub const MOST_HELD_OUT_PERCENT: i32 = 50;
/// Days after which WhatsApp follows the wallet unless somebody says otherwise.
pub const WALLET_DAYS: i32 = 3;
/// The most such days.
pub const MOST_WALLET_DAYS: i32 = 30;

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Being written.
    Draft,
    /// Starts by itself.
    Scheduled,
    /// Writes.
    Running,
    /// Writes nothing until it goes on.
    Paused,
    /// For ever.
    Canceled,
    /// Nothing is left to do.
    Done,
}

impl Status {
    /// All of them.
    const ALL: [Self; 6] =
        [Self::Draft, Self::Scheduled, Self::Running, Self::Paused, Self::Canceled, Self::Done];

    /// The word on the wire and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
            Self::Done => "done",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().find(|status| status.as_str() == word);
        known.ok_or_else(|| Invalid::new("status", "unknown"))
    }
}

/// By which way a customer is written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelPolicy {
    /// WhatsApp.
    #[default]
    Whatsapp,
    /// Her pass where she has one, and WhatsApp if she has not come some days later; else WhatsApp.
    WalletFirst,
    /// Her pass; who has none is not written to.
    Wallet,
}

impl ChannelPolicy {
    /// The word on the wire and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
            Self::WalletFirst => "wallet_first",
            Self::Wallet => "wallet",
        }
    }

    /// Reads the word; none is WhatsApp.
    pub fn parse(word: &str) -> Result<Self, Invalid> {
        match word {
            "" | "whatsapp" => Ok(Self::Whatsapp),
            "wallet_first" => Ok(Self::WalletFirst),
            "wallet" => Ok(Self::Wallet),
            _ => Err(Invalid::new("channel_policy", "unknown")),
        }
    }
}

/// How far an audience has been walked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Walked {
    /// Nobody has been taken up.
    #[default]
    NotYet,
    /// Some have.
    Partly,
    /// Once to its end, at least.
    ToItsEnd,
}

/// What of a campaign its owner may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editable {
    /// All of it.
    All,
    /// What it is called: its messages are written already.
    Name,
    /// Nothing.
    Nothing,
}

impl Editable {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Name => "name",
            Self::Nothing => "none",
        }
    }
}

/// A campaign as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// The tenant.
    pub business: BusinessId,
    /// Which one.
    pub id: CampaignId,
    /// For its owner only.
    pub name: String,
    /// Absent for a blast.
    pub trigger: Option<Trigger>,
    /// Where it stands.
    pub status: Status,
    /// Grows by one with each change.
    pub version: i64,
    /// To whom.
    pub audience: Audience,
    /// What.
    pub wordings: Vec<Wording>,
    /// By which way.
    pub policy: ChannelPolicy,
    /// When WhatsApp follows.
    pub wallet_days: i32,
    /// Who is held out.
    pub holdout_percent: i32,
    /// When it starts by itself.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// When it first ran.
    pub launched_at: Option<DateTime<Utc>>,
    /// When it last went on after a pause: its messages are good for their hours anew.
    pub resumed_at: Option<DateTime<Utc>>,
    /// When it was done or canceled.
    pub ended_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The day of the prices it was launched at.
    pub prices_of: String,
    /// Whether anybody has been taken up.
    pub walked: Walked,
}

/// What its owner decides; absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edit {
    /// A name.
    pub name: Option<String>,
    /// To whom.
    pub audience: Option<Audience>,
    /// What.
    pub wordings: Option<Vec<Wording>>,
    /// By which way.
    pub policy: Option<ChannelPolicy>,
    /// When WhatsApp follows.
    pub wallet_days: Option<i32>,
    /// Who is held out.
    pub holdout_percent: Option<i32>,
    /// When it starts; `Some(None)` clears it.
    pub scheduled_at: Option<Option<DateTime<Utc>>>,
}

/// Why an edit does not fit where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotEditable {
    /// Nothing of it can be changed now.
    Status(Status),
    /// Its messages are written with what this field said.
    Written(&'static str),
}

/// Why a command does not fit where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongStatus(pub Status);

impl Campaign {
    /// A draft to be filled by an [`Edit`].
    pub fn draft(business: BusinessId, trigger: Option<Trigger>, now: DateTime<Utc>) -> Self {
        Self {
            business,
            id: CampaignId::generate_at(now),
            name: trigger.map_or("", Trigger::name).to_owned(),
            trigger,
            status: Status::Draft,
            version: 1,
            audience: Audience::everybody(),
            wordings: trigger.map(default_wordings).unwrap_or_default(),
            policy: ChannelPolicy::Whatsapp,
            wallet_days: WALLET_DAYS,
            holdout_percent: HOLDOUT_PERCENT,
            scheduled_at: None,
            launched_at: None,
            resumed_at: None,
            ended_at: None,
            created_at: now,
            prices_of: String::new(),
            walked: Walked::NotYet,
        }
    }

    /// blast, automation.
    pub fn kind(&self) -> &'static str {
        if self.trigger.is_some() { "automation" } else { "blast" }
    }

    /// What of it may be changed. A blast is taken up once, with the words of that moment; an automation takes up whoever comes.
    pub fn editable(&self) -> Editable {
        match self.status {
            Status::Paused if self.trigger.is_none() && self.walked != Walked::NotYet => Editable::Name,
            Status::Draft | Status::Scheduled | Status::Paused => Editable::All,
            Status::Running | Status::Canceled | Status::Done => Editable::Nothing,
        }
    }

    /// May it become what an edit made of it?
    pub fn check_edited(&self, edited: &Self) -> Result<(), NotEditable> {
        match self.editable() {
            Editable::All => Ok(()),
            Editable::Nothing => Err(NotEditable::Status(self.status)),
            Editable::Name => [
                ("audience", self.audience != edited.audience),
                ("wordings", !self.says_what(edited)),
                ("channel_policy", self.policy != edited.policy),
                ("wallet_days", self.wallet_days != edited.wallet_days),
                ("holdout_percent", self.holdout_percent != edited.holdout_percent),
                ("scheduled_at", self.scheduled_at != edited.scheduled_at),
            ]
            .into_iter()
            .find_map(|(field, differs)| differs.then_some(Err(NotEditable::Written(field))))
            .unwrap_or(Ok(())),
        }
    }

    /// The same words, whatever their templates made of them.
    fn says_what(&self, other: &Self) -> bool {
        let said =
            |wording: &Wording| (wording.language, wording.template.clone(), wording.variables.clone());
        self.wordings.iter().map(said).eq(other.wordings.iter().map(said))
    }

    /// Some of it goes by passes, or may.
    pub fn may_go_by_pass(&self) -> bool {
        self.policy != ChannelPolicy::Whatsapp
    }

    /// Whether it has customers to take up yet, now or some day.
    pub fn has_to_walk(&self) -> bool {
        self.trigger.is_some() || self.walked != Walked::ToItsEnd
    }

    /// Takes an edit in, or says which field is wrong; then nothing has changed.
    pub fn edit(&mut self, edit: Edit, now: DateTime<Utc>) -> Result<(), Invalid> {
        let mut edited = self.clone();
        if let Some(name) = edit.name {
            edited.name = name.trim().to_owned();
        }
        edited.audience = edit.audience.unwrap_or(edited.audience);
        edited.wordings = edit.wordings.unwrap_or(edited.wordings);
        edited.policy = edit.policy.unwrap_or(edited.policy);
        edited.wallet_days = edit.wallet_days.unwrap_or(edited.wallet_days);
        edited.holdout_percent = edit.holdout_percent.unwrap_or(edited.holdout_percent);
        if let Some(scheduled_at) = edit.scheduled_at {
            if scheduled_at.is_some() && edited.trigger.is_some() {
                return Err(Invalid::new("scheduled_at", "not_for_automations"));
            }
            if scheduled_at.is_some() && edited.launched_at.is_some() {
                return Err(Invalid::new("scheduled_at", "already_launched"));
            }
            if scheduled_at.is_some_and(|at| at <= now) {
                return Err(Invalid::new("scheduled_at", "past"));
            }
            edited.scheduled_at = scheduled_at;
            if scheduled_at.is_none() && edited.status == Status::Scheduled {
                edited.status = Status::Draft;
            }
        }
        edited.check()?;
        *self = edited;
        Ok(())
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.name.is_empty() {
            return Err(Invalid::new("name", "required"));
        }
        if self.name.chars().count() > LONGEST_NAME {
            return Err(Invalid::new("name", "too_long"));
        }
        if !(1..=MOST_WALLET_DAYS).contains(&self.wallet_days) {
            return Err(Invalid::new("wallet_days", "out_of_range"));
        }
        if !(0..=MOST_HELD_OUT_PERCENT).contains(&self.holdout_percent) {
            return Err(Invalid::new("holdout_percent", "out_of_range"));
        }
        wording::check(&self.wordings)
    }

    /// Starts it, now or at its time; true where something changed.
    pub fn launch(&mut self, now: DateTime<Utc>) -> Result<bool, WrongStatus> {
        match self.status {
            Status::Draft => {}
            Status::Scheduled | Status::Running => return Ok(false),
            status => return Err(WrongStatus(status)),
        }
        self.begin_or_wait(now);
        Ok(true)
    }

    fn begin_or_wait(&mut self, now: DateTime<Utc>) {
        if self.scheduled_at.is_some_and(|at| at > now) && self.launched_at.is_none() {
            self.status = Status::Scheduled;
        } else {
            self.status = Status::Running;
            self.launched_at = self.launched_at.or(Some(now));
        }
    }

    /// Starts a scheduled one whose time has come.
    pub fn begin(&mut self, now: DateTime<Utc>) {
        self.status = Status::Running;
        self.launched_at = self.launched_at.or(Some(now));
    }

    /// Stops it for now; true where something changed.
    pub fn pause(&mut self) -> Result<bool, WrongStatus> {
        match self.status {
            Status::Scheduled | Status::Running => self.status = Status::Paused,
            Status::Paused => return Ok(false),
            status => return Err(WrongStatus(status)),
        }
        Ok(true)
    }

    /// Lets it go on; true where something changed.
    pub fn resume(&mut self, now: DateTime<Utc>) -> Result<bool, WrongStatus> {
        match self.status {
            Status::Paused => {
                self.begin_or_wait(now);
                self.resumed_at = Some(now);
            }
            Status::Running | Status::Scheduled => return Ok(false),
            status => return Err(WrongStatus(status)),
        }
        Ok(true)
    }

    /// Ends it for ever; true where something changed.
    pub fn cancel(&mut self, now: DateTime<Utc>) -> Result<bool, WrongStatus> {
        match self.status {
            Status::Canceled => return Ok(false),
            Status::Done => return Err(WrongStatus(Status::Done)),
            Status::Draft | Status::Scheduled | Status::Running | Status::Paused => {}
        }
        self.status = Status::Canceled;
        self.ended_at = Some(now);
        Ok(true)
    }
}

/// What an automation says until its owner changes it.
fn default_wordings(trigger: Trigger) -> Vec<Wording> {
    [Locale::Es, Locale::En]
        .into_iter()
        .map(|language| Wording {
            language,
            template: trigger.template().to_owned(),
            variables: trigger.variables(language),
            text: String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T15:00:00Z".parse().unwrap()
    }

    fn blast() -> Campaign {
        Campaign { name: "Vuelve".into(), ..Campaign::draft(BusinessId::generate(), None, now()) }
    }

    fn refused(edit: Edit) -> String {
        blast().edit(edit, now()).unwrap_err().to_string()
    }

    #[test]
    fn a_schedule_in_the_past_is_refused() {
        let past = Edit { scheduled_at: Some(Some(now())), ..Edit::default() };
        assert_eq!(refused(past), "scheduled_at: past");
    }

    #[test]
    fn wrong_fields_are_named_and_change_nothing() {
        assert_eq!(refused(Edit { name: Some("  ".into()), ..Edit::default() }), "name: required");
        assert_eq!(
            refused(Edit { holdout_percent: Some(51), ..Edit::default() }),
            "holdout_percent: out_of_range"
        );
        let mut campaign = blast();
        let before = campaign.clone();
        let half = Edit { name: Some("Otra".into()), wallet_days: Some(31), ..Edit::default() };
        assert!(campaign.edit(half, now()).is_err());
        assert_eq!(campaign, before);
    }

    #[test]
    fn a_running_campaign_is_not_edited_and_a_done_one_not_launched() {
        let at = |status| Campaign { status, ..blast() };
        assert_eq!(
            at(Status::Running).check_edited(&at(Status::Running)),
            Err(NotEditable::Status(Status::Running))
        );
        assert!(at(Status::Paused).check_edited(&at(Status::Paused)).is_ok());
        assert_eq!(at(Status::Done).launch(now()), Err(WrongStatus(Status::Done)));
        assert_eq!(at(Status::Canceled).resume(now()), Err(WrongStatus(Status::Canceled)));
    }

    #[test]
    fn of_a_blast_that_is_written_only_the_name_may_change() {
        let paused = Campaign { status: Status::Paused, ..blast() };
        for walked in [Walked::Partly, Walked::ToItsEnd] {
            let written = Campaign { walked, ..paused.clone() };
            assert_eq!(written.editable(), Editable::Name);
            assert_eq!(written.check_edited(&Campaign { name: "Otra".into(), ..written.clone() }), Ok(()));
            for (field, edited) in [
                ("audience", Campaign { audience: Audience::AtRisk, ..written.clone() }),
                ("channel_policy", Campaign { policy: ChannelPolicy::Wallet, ..written.clone() }),
                ("holdout_percent", Campaign { holdout_percent: 0, ..written.clone() }),
                ("wallet_days", Campaign { wallet_days: 9, ..written.clone() }),
                ("scheduled_at", Campaign { scheduled_at: Some(now()), ..written.clone() }),
                ("wordings", Campaign { wordings: default_wordings(Trigger::Welcome), ..written.clone() }),
            ] {
                assert_eq!(written.check_edited(&edited), Err(NotEditable::Written(field)));
            }
        }
        assert_eq!(paused.editable(), Editable::All);
        let automation = Campaign { trigger: Some(Trigger::Welcome), walked: Walked::ToItsEnd, ..paused };
        assert_eq!(automation.editable(), Editable::All);
    }

    #[test]
    fn a_command_said_twice_changes_once() {
        let mut campaign = blast();
        assert_eq!((campaign.launch(now()), campaign.launch(now())), (Ok(true), Ok(false)));
        assert_eq!((campaign.pause(), campaign.pause()), (Ok(true), Ok(false)));
        assert_eq!((campaign.resume(now()), campaign.resume(now())), (Ok(true), Ok(false)));
        assert_eq!((campaign.cancel(now()), campaign.cancel(now())), (Ok(true), Ok(false)));
    }

    #[test]
    fn a_scheduled_campaign_waits_again_when_it_goes_on_before_its_time() {
        let mut campaign = blast();
        campaign.scheduled_at = Some(now() + chrono::Duration::days(1));
        campaign.launch(now()).unwrap();
        assert_eq!((campaign.status, campaign.launched_at), (Status::Scheduled, None));
        campaign.pause().unwrap();
        campaign.resume(now()).unwrap();
        assert_eq!(campaign.status, Status::Scheduled);
    }

    #[test]
    fn every_automation_begins_as_a_whole_draft() {
        for trigger in Trigger::ALL {
            let mut campaign = Campaign::draft(BusinessId::generate(), Some(trigger), now());
            assert!(campaign.edit(Edit::default(), now()).is_ok(), "{trigger:?}");
            assert_eq!(campaign.wordings.len(), 2);
        }
    }
}
