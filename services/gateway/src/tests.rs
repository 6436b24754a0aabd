//! Claims about the gateway as a whole, before fake services.

mod campaigns;
mod edge;
mod live;
mod messaging;
mod routes;
