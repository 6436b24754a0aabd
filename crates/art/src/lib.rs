//! What Sello draws: stamps pressed by hand, on posters and on passes. No I/O, no clock, nothing random: the same look at
//! the same count is the same bytes, so that whoever shows them may keep them.
//!
//! Everything is drawn as filled shapes ([`Drawing`]) and becomes dots at the scale that is asked for, so it is crisp at
//! each. The pages draw the same mark (`web/src/lib`); figures and colours are kept equal by tests.

mod badge;
mod card;
mod colour;
mod digits;
mod drawing;
mod figures;
mod logo;
mod look;
mod oklch;
mod palette;
mod pixels;
mod raster;
mod rows;
mod scale;
mod stamp;

pub use badge::{icon, logo, square_logo};
pub use card::{artwork, hero, strip};
pub use colour::Colour;
pub use drawing::{Drawing, Mark, outline};
pub use figures::Figure;
pub use logo::{KEPT_DOTS, LEAST_DOTS, Logo, LogoError, MOST_BYTES, MOST_DOTS};
pub use look::{Colours, Look};
pub use raster::{Undrawable, png};
pub use scale::Scale;
pub use stamp::{Pad, Spot, seal, stamp};
