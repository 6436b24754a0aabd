//! The drawn parts of passes: rendered once for a look and a count, kept in the object store, and near at hand as parts of
//! a pass that only wait for the words.

use art::{Logo, Look};
use bytes::Bytes;
use moka::future::Cache;
use pkpass::{ImageKind, Images, Scale, Strings, Template};

use super::App;
use super::design::ArtKind;
use crate::Error;
use crate::domain::view::{CardView, Program};
use crate::store::program::Drawn;

/// Templates kept near at hand, about 150 KB each.
const NEAR: u64 = 100;
/// Dots a point: iPhones have two or three, and both are drawn.
const SCALES: [(Scale, art::Scale); 3] =
    [(Scale::X1, art::Scale::One), (Scale::X2, art::Scale::Two), (Scale::X3, art::Scale::Three)];

/// The parts of passes by the look of their program and the count of stamps.
pub(crate) struct Templates(Cache<(String, i32), Template>);

impl Default for Templates {
    fn default() -> Self {
        Self(Cache::new(NEAR))
    }
}

/// How a program's passes look.
pub(crate) fn look(program: &Program) -> Look {
    Look::read(&program.ink, &program.paper, &program.shape)
}

/// What is drawn, and from what.
pub(crate) struct Sketch {
    pub(crate) look: Look,
    pub(crate) stamps: i32,
    pub(crate) required: i32,
    pub(crate) rewards_at: Vec<i32>,
    pub(crate) logo: Option<Logo>,
}

impl Sketch {
    /// The picture; `None` for a logo where there is none.
    pub(crate) fn draw(&self, kind: ArtKind, scale: art::Scale) -> Option<Vec<u8>> {
        let Self { look, stamps, required, rewards_at, logo } = self;
        Some(match kind {
            ArtKind::Strip => art::strip(look, *stamps, *required, rewards_at, scale),
            ArtKind::Hero => art::hero(look, *stamps, *required, rewards_at),
            ArtKind::Artwork => art::artwork(look, *stamps, *required, rewards_at, scale),
            ArtKind::Icon => art::icon(look, logo.as_ref(), scale),
            ArtKind::Logo => art::logo(look, logo.as_ref()?, scale),
            ArtKind::SquareLogo => art::square_logo(look, logo.as_ref()),
        })
    }
}

impl App {
    /// The parts of a card's pass that do not depend on whose it is.
    pub(crate) async fn template(&self, view: &CardView) -> Result<Template, Error> {
        let program = &view.program;
        let key = (program.fingerprint(), view.stamps);
        if let Some(near) = self.templates.0.get(&key).await {
            return Ok(near);
        }
        let sketch = Sketch {
            look: look(program),
            stamps: view.stamps,
            required: program.required,
            rewards_at: program.reward_counts(),
            logo: self.logo(program.logo.as_deref()).await?,
        };
        let template = tokio::task::spawn_blocking(move || template(&sketch)).await??;
        self.templates.0.insert(key, template.clone()).await;
        Ok(template)
    }

    /// One drawn part, from the object store if it was drawn before.
    pub(crate) async fn art(
        &self,
        drawn: Drawn,
        kind: ArtKind,
        stamps: i32,
        scale: art::Scale,
    ) -> Result<Bytes, Error> {
        let name = format!("art/{}/{}-{stamps}{}.png", drawn.fingerprint, kind.as_str(), scale.suffix());
        if let Some(kept) = self.objects.get(&name).await? {
            return Ok(kept);
        }
        let sketch = Sketch {
            look: Look::read(&drawn.ink, &drawn.paper, &drawn.shape),
            stamps,
            required: drawn.required,
            rewards_at: drawn.reward_counts,
            logo: self.logo(drawn.logo.as_deref()).await?,
        };
        let png = tokio::task::spawn_blocking(move || sketch.draw(kind, scale)).await?;
        let png = Bytes::from(png.ok_or(Error::NotFound("kind"))?);
        self.objects.put(&name, png.clone()).await?;
        Ok(png)
    }

    /// The shop's picture, if it has one that can still be read.
    async fn logo(&self, name: Option<&str>) -> Result<Option<Logo>, Error> {
        let Some(name) = name else { return Ok(None) };
        let Some(bytes) = self.objects.get(name).await? else { return Ok(None) };
        let read = tokio::task::spawn_blocking(move || Logo::read(&bytes)).await?;
        Ok(read.map_err(|error| tracing::error!(%error, "a kept logo cannot be read")).ok())
    }
}

fn template(sketch: &Sketch) -> Result<Template, Error> {
    let parts = [
        (ImageKind::Icon, ArtKind::Icon),
        (ImageKind::Logo, ArtKind::Logo),
        (ImageKind::Strip, ArtKind::Strip),
        (ImageKind::Artwork, ArtKind::Artwork),
    ];
    let mut images = Images::new();
    for (image, kind) in parts {
        for (scale, dots) in SCALES {
            if let Some(png) = sketch.draw(kind, dots) {
                images = images.with(image, scale, png)?;
            }
        }
    }
    // The words are the pass's own.
    Ok(Template::new(&images, &Strings::none())?)
}
