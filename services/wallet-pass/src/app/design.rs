//! What owners choose of their passes' looks.

use bytes::Bytes;
use kernel::{BusinessId, Invalid, Principal, ProgramId};
use sha2::{Digest, Sha256};

use super::App;
use super::drawing::Sketch;
use crate::Error;
use crate::store;

/// What can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArtKind {
    /// The stamps of Apple's older style.
    Strip,
    /// The stamps of Google's pass.
    Hero,
    /// The stamps of Apple's poster style.
    Artwork,
    /// What stands beside a notification.
    Icon,
    /// What stands at the top of a pass.
    Logo,
    /// What Google cuts round.
    SquareLogo,
}

impl ArtKind {
    /// Reads the word of the wire.
    pub(crate) fn parse(word: &str) -> Result<Self, Invalid> {
        match word {
            "strip" => Ok(Self::Strip),
            "hero" => Ok(Self::Hero),
            "artwork" => Ok(Self::Artwork),
            "icon" => Ok(Self::Icon),
            "logo" => Ok(Self::Logo),
            "square_logo" => Ok(Self::SquareLogo),
            _ => Err(Invalid::new("kind", "unknown")),
        }
    }

    /// The word of the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Strip => "strip",
            Self::Hero => "hero",
            Self::Artwork => "artwork",
            Self::Icon => "icon",
            Self::Logo => "logo",
            Self::SquareLogo => "square_logo",
        }
    }
}

impl App {
    /// A drawn part of a program's passes; for everybody, as the passes are.
    pub(crate) async fn art_of(
        &self,
        program: ProgramId,
        kind: ArtKind,
        stamps: i32,
        scale: art::Scale,
    ) -> Result<Bytes, Error> {
        let drawn = store::program::drawn(&self.pool, program).await?.ok_or(Error::NotFound("program_id"))?;
        if !(0..=drawn.required).contains(&stamps) {
            return Err(Invalid::new("stamps", "out_of_range").into());
        }
        self.art(drawn, kind, stamps, scale).await
    }

    /// A drawn part of a look that is not saved yet.
    pub(crate) async fn preview(
        &self,
        caller: &Principal,
        sketch: Sketch,
        kind: ArtKind,
        scale: art::Scale,
    ) -> Result<Bytes, Error> {
        caller.managed_business()?;
        let png = tokio::task::spawn_blocking(move || sketch.draw(kind, scale)).await?;
        Ok(png.ok_or(Error::NotFound("kind"))?.into())
    }

    /// Puts a shop's picture on the passes of a program; returns what tells it from the one before.
    pub(crate) async fn set_logo(
        &self,
        caller: &Principal,
        program: ProgramId,
        image: Vec<u8>,
    ) -> Result<String, Error> {
        let business = caller.managed_business()?;
        let logo = self.pictures.read(image).await?;
        let version = hex::encode(&Sha256::digest(logo.png())[..10]);
        let name = format!("logo/{version}.png");
        self.learn_program(business, program).await?;
        self.objects.put(&name, Bytes::copy_from_slice(logo.png())).await?;
        self.put_logo(business, program, Some(&name)).await?;
        Ok(version)
    }

    /// Takes the picture away.
    pub(crate) async fn remove_logo(&self, caller: &Principal, program: ProgramId) -> Result<(), Error> {
        let business = caller.managed_business()?;
        self.learn_program(business, program).await?;
        self.put_logo(business, program, None).await
    }

    async fn put_logo(
        &self,
        business: BusinessId,
        program: ProgramId,
        logo: Option<&str>,
    ) -> Result<(), Error> {
        let mut tx = self.pool.begin().await?;
        if !store::program::set_logo(&mut tx, business, program, logo).await? {
            return Err(Error::NotFound("program_id"));
        }
        let now = self.clock.now();
        let changed = store::pass::change_program(&mut tx, program, now, now).await?;
        let parent = boot::trace::current_parent();
        store::push::want(&mut tx, &changed, parent.as_deref(), now).await?;
        tx.commit().await?;
        self.wanted.notify_waiters();
        Ok(())
    }

    /// Asks stamping for a program that no pass was made of yet.
    async fn learn_program(&self, business: BusinessId, program: ProgramId) -> Result<(), Error> {
        if store::program::drawn(&self.pool, program).await?.is_some() {
            return Ok(());
        }
        let learned = self.peers.program(business, program).await?;
        Ok(store::program::put(&self.pool, &learned).await?)
    }
}
