//! What the terminal shows.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this room is what speaks to the terminal")]

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use crate::secrets::DemoSignIn;

/// A line of progress, or an answer.
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Why it did not work: one sentence, and its causes.
pub(crate) fn fail(error: &anyhow::Error) {
    eprintln!("sello: {error:#}");
}

/// Where everything is, how to get in, and what to try.
pub(crate) fn welcome(url: &str, demo: Option<&DemoSignIn>, has_phones: bool, admin: &str) {
    println!();
    println!("  Panel (owner)      {url}/panel");
    println!("  Till (caja)        {url}/caja");
    if let Some(demo) = demo {
        println!("  Join (customer)    {url}/unete/{}", demo.slug);
        println!("  A customer's card  {url}{}", demo.card_path);
        if has_phones {
            println!("  Her two phones     {url}/telefonos   (pretend ones, with the card in their wallets)");
        }
        if has_phones {
            println!(
                "  Their WhatsApp     {url}/mensajes   (pretend phones: read what is sent, answer in their place)"
            );
        }
        println!();
        println!("  Owner's sign-in    {}   {}", demo.email, demo.password);
        println!("  Stamper's PIN      {}   {}", demo.stamper, demo.pin);
        println!();
        println!("  Try this:");
        println!("   1. Open the panel, sign in, and leave it open: it is live.");
        println!("   2. Equipo > Cajas > Vincular una caja, and open that link as the till; enter the PIN.");
        println!(
            "   3. Open the customer's card in another window, show its code to the till's camera (or search her"
        );
        println!("      by name), and stamp. The card and the panel show it at once.");
        println!(
            "   4. Mensajes > Nueva campaña: write to those who stopped coming, and read it on their phones."
        );
    } else {
        println!();
        println!("  Try this: open the panel and sign your business up.");
    }
    println!();
    println!("  Health and metrics {admin}/readyz  {admin}/metrics");
    println!("  Ctrl-C stops everything; the data stay.");
    println!();
}

/// What nobody can use here, and how that is changed.
pub(crate) fn off(channels: &[&str]) {
    if !channels.is_empty() {
        println!(
            "  Off here           {} (PROVIDERS=fake pretends, PROVIDERS=live takes the credentials that the README names)",
            channels.join(", ")
        );
        println!();
    }
}

/// The line that scripts wait for.
pub(crate) fn ready(url: &str) {
    println!("ready {url}");
}

/// An address as a QR code, for a phone's camera.
pub(crate) fn qr(url: &str) {
    if let Ok(code) = QrCode::new(url) {
        println!("{}", code.render::<Dense1x2>().quiet_zone(true).build());
    }
}
