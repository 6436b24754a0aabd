//! T4: signed passes a second on one core, beside the raw rate of the same key and beside npm's `passkit-generator` on the
//! same pass; and how long it takes from a stamp to the push in Apple's hands.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use art::Look;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use e2e::{Shop, Wallets, key};
use pkpass::{
    Barcode, Color, Field, ImageKind, Images, Pass, Scale, Signer, StoreCard, Strings, Template, WebService,
    development,
};

use crate::figures::{Figures, Wanted};
use crate::latency::Latencies;

/// Rounds of each, in turn, so that a machine that slows down slows all.
const ROUNDS: usize = 5;
/// How long one round of one lasts.
const ROUND: Duration = Duration::from_secs(2);
/// Stamps whose push is waited for.
const TAPS: usize = 200;

const PASS_TYPE: &str = "pass.pe.sello.prueba";
const TEAM: &str = "SELLOTEST1";

/// Signs as fast as one core does, side by side with the others, and tells how fast that was.
pub(crate) fn sign_all(node: &Path, figures: &mut Figures) -> anyhow::Result<()> {
    let made = development::make(&PASS_TYPE.parse()?, &TEAM.parse()?, Utc::now())?;
    let intermediate = made.intermediate_pem.as_bytes();
    let signer = Signer::from_pkcs12(
        &made.p12,
        &made.password,
        Some(intermediate),
        &PASS_TYPE.parse()?,
        &TEAM.parse()?,
        Utc::now(),
    )?;
    let images = images();
    let folder = Folder::write(&signer, &made.intermediate_pem, &images)?;
    let template = template(&images)?;
    let key = private_key(&signer)?;
    let (mut raw, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        raw.push(rate(|| sign(&key))?);
        ours.push(rate(|| {
            bytes = pass()?.sign(&template, &signer, Utc::now())?.len();
            Ok(())
        })?);
        theirs.push(folder.passkit_generator(node)?);
    }
    figures.tell("T4", "raw RSA-2048 signatures a second on one core", &raw, "", Wanted::Told);
    figures.tell("T4", "passes a second with their images", &ours, "", Wanted::Told);
    figures.tell("T4", "size of one", &[bytes as f64 / 1_000.0], " KB", Wanted::Told);
    figures.tell("T4", "the same pass a second by passkit-generator", &theirs, "", Wanted::Told);
    figures.tell("T4", "passes beside raw signatures", &ratios(&ours, &raw), " ×", Wanted::AtLeast(0.85));
    let what = "passes beside passkit-generator";
    figures.tell("T4", what, &ratios(&ours, &theirs), " ×", Wanted::AtLeast(100.0));
    Ok(())
}

/// Round by round.
fn ratios(ours: &[f64], others: &[f64]) -> Vec<f64> {
    ours.iter().zip(others).map(|(ours, other)| ours / other).collect()
}

/// Tells how long it takes from a stamp to the push in Apple's hands.
pub(crate) async fn push(figures: &mut Figures) {
    let taken = Latencies::of(pushes().await);
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let what = format!("from a stamp to the push at Apple's server, {name} of {TAPS}");
        figures.tell("T4", &what, &[taken.ms(share)], " ms", Wanted::Told);
    }
    figures.tell("T4", "stamps that were not pushed", &[(TAPS - taken.count()) as f64], "", Wanted::Nothing);
}

fn rate(mut work: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    work()?;
    let (begun, mut done) = (Instant::now(), 0_u32);
    while begun.elapsed() < ROUND {
        work()?;
        done += 1;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

fn sign(key: &KeyPair) -> anyhow::Result<()> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"as long as signed attributes are, about a hundred and five bytes of DER, which is what this text is like", &mut signature)
        .map_err(|_| anyhow::anyhow!("the key does not sign"))
}

/// The block of a PEM text by its label, whole.
fn block<'a>(pem: &'a str, label: &str) -> Option<&'a str> {
    let begin = pem.find(&format!("-----BEGIN {label}-----"))?;
    let end = format!("-----END {label}-----\n");
    let length = pem[begin..].find(&end)? + end.len();
    Some(&pem[begin..begin + length])
}

fn private_key(signer: &Signer) -> anyhow::Result<KeyPair> {
    let pem = signer.client_identity_pem();
    let block = block(&pem, "PRIVATE KEY").context("no key")?;
    let der = STANDARD.decode(block.lines().filter(|line| !line.starts_with('-')).collect::<String>())?;
    KeyPair::from_pkcs8(&der).map_err(|_| anyhow::anyhow!("the key cannot be read"))
}

/// The images of a pass as ours are: two kinds at three scales, and the two that show stamps.
fn images() -> Vec<(ImageKind, Scale, Vec<u8>)> {
    let look = Look::read("#8a3b12", "#fbf4e6", "cup");
    let scales = [(Scale::X1, art::Scale::One), (Scale::X2, art::Scale::Two), (Scale::X3, art::Scale::Three)];
    let drawn = scales.into_iter().flat_map(|(scale, dots)| {
        [
            (ImageKind::Icon, scale, art::icon(&look, None, dots)),
            (ImageKind::Strip, scale, art::strip(&look, 4, 10, &[5, 10], dots)),
        ]
    });
    drawn.collect()
}

fn template(images: &[(ImageKind, Scale, Vec<u8>)]) -> anyhow::Result<Template> {
    let images = images
        .iter()
        .try_fold(Images::new(), |images, (kind, scale, png)| images.with(*kind, *scale, png.clone()))?;
    Ok(Template::new(&images, &Strings::none())?)
}

fn pass() -> anyhow::Result<Pass> {
    let card = StoreCard::new()
        .header(Field::new("stamps", "4 / 10").label("SELLOS"))
        .secondary(Field::new("next", "Un café gratis").label("TE FALTAN 6"))
        .back(Field::new("news", "Ya tienes 4 de 10.").label("Novedades").change_message("%@"));
    let serial = "0198c0de-0000-7000-8000-000000000001".parse()?;
    let service = WebService::new("https://sello.example/wallet", "0123456789abcdefghijkl".parse()?)?;
    let colors = (Color::rgb(251, 244, 230), Color::rgb(138, 59, 18), Color::rgb(90, 70, 60));
    Ok(Pass::store_card(serial, "Café Tostado", "Tarjeta de sellos", card)
        .logo_text("Café Tostado")
        .colors(colors.0, colors.1, colors.2)
        .barcode(Barcode::qr("c".repeat(36)))
        .web_service(service)
        .build()?)
}

/// The same pass as files, for the other library.
struct Folder(PathBuf);

impl Folder {
    fn write(
        signer: &Signer,
        intermediate_pem: &str,
        images: &[(ImageKind, Scale, Vec<u8>)],
    ) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("sello-bench-pass-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("files"))?;
        for (kind, scale, png) in images {
            std::fs::write(folder.join("files").join(kind.file_name(*scale)), png)?;
        }
        let json = pass()?.json(signer.pass_type(), signer.team())?;
        std::fs::write(folder.join("files/pass.json"), json)?;
        let identity = signer.client_identity_pem();
        std::fs::write(folder.join("key.pem"), block(&identity, "PRIVATE KEY").context("no key")?)?;
        std::fs::write(folder.join("leaf.pem"), block(&identity, "CERTIFICATE").context("no certificate")?)?;
        std::fs::write(folder.join("intermediate.pem"), intermediate_pem)?;
        Ok(Self(folder))
    }

    fn passkit_generator(&self, node: &Path) -> anyhow::Result<f64> {
        let output = Command::new("node")
            .arg(node.join("passes.mjs"))
            .arg(&self.0)
            .arg(ROUND.as_secs().to_string())
            .output()
            .context("Node is not installed")?;
        ensure!(output.status.success(), "passkit-generator: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().parse()?)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left of it lies among other temporary things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One stamp after the other on a quiet platform: from the request to the push, in microseconds.
async fn pushes() -> Vec<u32> {
    let wallets = Wallets::start().await;
    let world = wallets.platform();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana").await;
    let (phone, _) = wallets.iphone_with(&shop, &ana).await;
    let mut taken = Vec::with_capacity(TAPS);
    for _ in 0..TAPS {
        let begun = Instant::now();
        shop.stamp(&ana.card, key()).send().await.ok(201);
        if wallets.apns.pushed_to(&phone.push_token()).await.is_ok() {
            taken.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }
    taken
}
