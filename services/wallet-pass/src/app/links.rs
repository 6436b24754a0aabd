//! Where a card can be put into a wallet, and what lies behind those links.

use kernel::{Denied, Locale, Principal, ProgramId};

use super::{App, Made};
use crate::Error;
use crate::domain::link::Holder;
use crate::store;
use crate::store::pass::Pass;

/// Most passes of one bundle, by Apple's rule.
const MOST_BUNDLED: usize = 10;

/// The links of one card.
pub(crate) struct Links {
    /// Empty where Apple Wallet is off.
    pub(crate) apple: String,
    /// Empty where Google Wallet is off.
    pub(crate) google: String,
    /// How many passes the holder's bundle brings; 0 where one link does the same.
    pub(crate) bundled: usize,
    /// What a page subscribes to notices with; empty where they are off, and for everybody but the holder.
    pub(crate) web: String,
}

impl App {
    /// The links of the card that this caller holds, or that a service of ours names.
    pub(crate) async fn pass_links(&self, caller: &Principal, named: Option<Holder>) -> Result<Links, Error> {
        let holder = match (caller, named) {
            (Principal::CardHolder { business, customer, card }, _) => {
                Holder { business: *business, customer: *customer, card: *card }
            }
            (caller, Some(named)) if caller.is_platform() => named,
            (Principal::Public, _) => return Err(Denied::Unauthenticated.into()),
            _ => return Err(Denied::Forbidden.into()),
        };
        let link = self.secrets.link(holder, self.clock.now());
        Ok(Links {
            bundled: match caller {
                Principal::CardHolder { .. } if self.apple.is_some() => self.bundled(holder).await,
                _ => 0,
            },
            apple: if self.apple.is_some() { link.clone() } else { String::new() },
            google: if self.google.is_some() { link } else { String::new() },
            web: match (caller, &self.web) {
                (Principal::CardHolder { .. }, Some(web)) => web.client.public_key().to_owned(),
                _ => String::new(),
            },
        })
    }

    /// Stamping that is away costs the bundle and nothing else.
    async fn bundled(&self, holder: Holder) -> usize {
        match self.peers.cards_of(holder).await {
            Ok(cards) if cards.len() > 1 => cards.len().min(MOST_BUNDLED),
            Ok(_) => 0,
            Err(error) => {
                tracing::debug!(%error, "a card without its bundle");
                0
            }
        }
    }

    pub(super) fn follow(&self, token: &str) -> Result<Holder, Error> {
        self.secrets.read_link(token, self.clock.now()).ok_or(Error::LinkPassed)
    }

    /// Whose card a link opens, and the row that keeps track of its passes, in the language that she reads now.
    pub(super) async fn enter(&self, holder: Holder, language: Locale) -> Result<Pass, Error> {
        let view = self.view_of(holder, language).await?;
        self.keep_track(holder, view.program.id, language).await?;
        store::pass::find(&self.pool, holder.card).await?.ok_or(Error::NotFound("card_id"))
    }

    /// From now on the changes of a card are kept track of. What this changes itself, phones that have the card are told.
    pub(crate) async fn keep_track(
        &self,
        holder: Holder,
        program: ProgramId,
        language: Locale,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let changed = store::pass::ensure(&mut tx, holder, program, language.as_str(), now).await?;
        let wanted = match changed {
            Some(changed) => {
                let parent = boot::trace::current_parent();
                store::push::want(&mut tx, &[changed], parent.as_deref(), now).await?
            }
            None => 0,
        };
        tx.commit().await?;
        if wanted > 0 {
            self.wanted.notify_waiters();
        }
        Ok(())
    }

    /// The pass behind a link. From now on its changes are kept track of.
    pub(crate) async fn download(&self, token: &str, language: Locale) -> Result<Made, Error> {
        self.apple()?;
        let holder = self.follow(token)?;
        self.put_into_wallet(holder, language).await
    }

    async fn put_into_wallet(&self, holder: Holder, language: Locale) -> Result<Made, Error> {
        let pass = self.enter(holder, language).await?;
        self.make(&pass).await
    }

    /// All passes of the customer behind a link.
    pub(crate) async fn download_all(&self, token: &str, language: Locale) -> Result<Vec<u8>, Error> {
        self.apple()?;
        let holder = self.follow(token)?;
        let mut made = Vec::new();
        for card in self.peers.cards_of(holder).await?.into_iter().take(MOST_BUNDLED) {
            made.push(self.put_into_wallet(Holder { card, ..holder }, language).await?.pkpass);
        }
        Ok(pkpass::bundle(made.iter().map(AsRef::as_ref))?)
    }
}
