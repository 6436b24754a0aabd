//! Every route of the API, one room a resource. `openapi` reads the document from the same list, so that neither can
//! forget what the other has.

pub(crate) mod analytics;
pub(crate) mod api_keys;
pub(crate) mod art;
pub(crate) mod audiences;
pub(crate) mod audit;
pub(crate) mod automations;
pub(crate) mod business;
pub(crate) mod campaign_results;
pub(crate) mod campaigns;
pub(crate) mod cards;
pub(crate) mod customers;
pub(crate) mod dashboard;
pub(crate) mod deliveries;
pub(crate) mod devices;
pub(crate) mod enrollments;
pub(crate) mod inbox;
pub(crate) mod join;
pub(crate) mod live;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod messaging;
pub(crate) mod notices;
pub(crate) mod posters;
pub(crate) mod programs;
pub(crate) mod rewards;
pub(crate) mod scans;
pub(crate) mod sessions;
pub(crate) mod stamps;
pub(crate) mod templates;
pub(crate) mod transfer;
pub(crate) mod twilio;
pub(crate) mod wallets;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::platform::Shared;

/// The API with its document.
pub(crate) fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(sessions::signup))
        .routes(routes!(sessions::login))
        .routes(routes!(sessions::refresh))
        .routes(routes!(sessions::pin))
        .routes(routes!(sessions::logout))
        .routes(routes!(sessions::recover))
        .routes(routes!(sessions::me))
        .routes(routes!(business::get, business::update))
        .routes(routes!(business::list_locations, business::create_location))
        .routes(routes!(business::update_location))
        .routes(routes!(members::list, members::create))
        .routes(routes!(members::update, members::delete))
        .routes(routes!(devices::list, devices::create_pairing))
        .routes(routes!(devices::pair))
        .routes(routes!(devices::delete))
        .routes(routes!(devices::till))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::delete))
        .routes(routes!(audit::list))
        .routes(routes!(programs::list, programs::create))
        .routes(routes!(programs::get, programs::update))
        .routes(routes!(art::set_logo, art::remove_logo))
        .routes(routes!(art::preview))
        .routes(routes!(posters::pdf))
        .routes(routes!(posters::svg))
        .routes(routes!(posters::png))
        .routes(routes!(join::get))
        .routes(routes!(enrollments::create))
        .routes(routes!(cards::get))
        .routes(routes!(cards::use_link))
        .routes(routes!(cards::rotate_code))
        .routes(routes!(notices::subscribe))
        .routes(routes!(notices::unsubscribe))
        .routes(routes!(live::card))
        .routes(routes!(scans::create))
        .routes(routes!(stamps::create))
        .routes(routes!(stamps::create_batch))
        .routes(routes!(stamps::void))
        .routes(routes!(rewards::redeem))
        .routes(routes!(rewards::unredeem))
        .routes(routes!(customers::list))
        .routes(routes!(customers::get, customers::update, customers::erase))
        .routes(routes!(customers::ledger))
        .routes(routes!(customers::export))
        .routes(routes!(customers::merge))
        .routes(routes!(customers::create_link))
        .merge(transfer::api())
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::retry))
        .routes(routes!(deliveries::retry_all))
        .routes(routes!(deliveries::wallets))
        .routes(routes!(audiences::preview))
        .routes(routes!(campaigns::list, campaigns::create))
        .routes(routes!(campaigns::get, campaigns::update))
        .routes(routes!(campaigns::launch))
        .routes(routes!(campaigns::pause))
        .routes(routes!(campaigns::resume))
        .routes(routes!(campaigns::cancel))
        .routes(routes!(campaign_results::results))
        .routes(routes!(campaign_results::failures))
        .routes(routes!(automations::list))
        .routes(routes!(templates::list))
        .routes(routes!(messages::list))
        .routes(routes!(inbox::list))
        .routes(routes!(inbox::get, inbox::reply))
        .routes(routes!(messaging::get, messaging::update))
        .routes(routes!(twilio::status))
        .routes(routes!(twilio::inbound))
        .routes(routes!(dashboard::get))
        .routes(routes!(analytics::overview))
        .routes(routes!(analytics::heatmap))
        .routes(routes!(analytics::members))
        .routes(routes!(live::business))
}
