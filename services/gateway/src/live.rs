//! The live stream: one reader of the event stream a process, a bounded ring for every business that somebody watches,
//! and a bounded queue for every connection.
//!
//! Nobody can hold up anybody: a connection that does not keep up loses its queue and is told `resync`, once. An event is
//! rendered once for its business, however many watch. What is not watched is not even decoded: of every business is only kept where its
//! newest events stand, for the panels that come.

mod cursor;
mod history;
mod hub;
mod reader;
mod recent;
mod render;
mod socket;

pub(crate) use history::History;
pub(crate) use hub::Hub;
#[cfg(test)]
pub(crate) use hub::{Frame, Told};
pub(crate) use reader::{follow_stream, tidy_rooms};
pub(crate) use socket::{card_socket, panel_socket};
