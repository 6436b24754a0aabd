//! What bytes of strangers become before any service is asked: the same readers that the routes have, for whoever throws bytes at
//! them without a running gateway.

use kernel::OperationId;
use proto::campaign::CreateCampaignRequest;

use crate::json::{pairs, parse, parse_query};
use crate::routes::campaigns::NewCampaign;
use crate::routes::wallets::{Complaints, Registration, Since};

/// The body of a new campaign: its audience and its wordings.
pub fn campaign(body: &[u8]) -> Option<CreateCampaignRequest> {
    parse::<NewCampaign>(body).ok()?.into_wire(OperationId::generate()).ok()
}

/// The body of a phone that wants to hear of a pass: its push token.
pub fn registration(body: &[u8]) -> Option<String> {
    Some(parse::<Registration>(body).ok()?.push_token)
}

/// The body of a phone that complains.
pub fn complaints(body: &[u8]) -> Option<Vec<String>> {
    Some(parse::<Complaints>(body).ok()?.logs)
}

/// The query of a phone that asks what changed: since when.
pub fn since(query: &str) -> Option<String> {
    Some(parse_query::<Since>(query).ok()?.since)
}

/// The body of a webhook.
pub fn form(body: &[u8]) -> Vec<(String, String)> {
    pairs(body)
}
