//! Claims about the gateway as a whole, before fake services.

mod edge;
mod live;
mod routes;
