//! A card as its passes show it at this moment.

use kernel::Locale;

use super::App;
use crate::Error;
use crate::domain::link::Holder;
use crate::domain::message::signed;
use crate::domain::news::News;
use crate::domain::text::Text;
use crate::domain::view::{CardView, Program};
use crate::store;
use crate::store::pass::Pass;

impl App {
    /// The card behind a link, in a language; its passes' own row does not matter here.
    pub(super) async fn view_of(&self, holder: Holder, language: Locale) -> Result<CardView, Error> {
        let mut view = self.peers.card(holder, language).await?;
        view.program.logo = store::program::logo(&self.pool, view.program.id).await?;
        store::program::put(&self.pool, &view.program).await?;
        Ok(view)
    }

    /// The card of a pass that is out. One that is closed, or gone, is told as such and not refused: the phone must learn
    /// it.
    pub(super) async fn view_of_pass(&self, pass: &Pass) -> Result<CardView, Error> {
        let holder = Holder { business: pass.business, customer: pass.customer, card: pass.card };
        let language = Locale::from_tag(&pass.language);
        let mut view = match self.view_of(holder, language).await {
            Err(Error::NotFound(_)) => self.closed_view(pass, language).await?,
            view => view?,
        };
        view.closed |= pass.closed;
        let news = News::from_kept(&pass.news, &pass.news_about);
        view.news = match news {
            None => Text::default(),
            Some(News::Said(words)) => Text::of_the_shop(signed(&words, &view.program.organization)),
            Some(news) => news.sentence(view.stamps, view.program.required),
        };
        Ok(view)
    }

    /// What is left of a card that nobody has any more: its program's look.
    async fn closed_view(&self, pass: &Pass, language: Locale) -> Result<CardView, Error> {
        let drawn =
            store::program::drawn(&self.pool, pass.program).await?.ok_or(Error::NotFound("card_id"))?;
        Ok(CardView {
            id: pass.card,
            customer: pass.customer,
            stamps: 0,
            cycle: 1,
            open_rewards: Vec::new(),
            code: pass.card.to_string(),
            rotating: None,
            program: Program {
                id: pass.program,
                business: drawn.business,
                version: 0,
                name: drawn.name,
                organization: drawn.organization,
                required: drawn.required,
                ink: drawn.ink,
                paper: drawn.paper,
                shape: drawn.shape,
                rewards: Vec::new(),
                logo: drawn.logo,
            },
            language,
            news: Text::default(),
            closed: true,
        })
    }
}
