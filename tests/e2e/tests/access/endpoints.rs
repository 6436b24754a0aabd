//! Every endpoint of the API: whom it is for, and what a neighbour is told.

/// Who an endpoint is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    /// Anybody at all.
    Everyone,
    /// Any member of the business.
    Members,
    /// Any member of the business, and the card's own holder.
    MembersAndHolder,
    /// Managers and owners, and the card's own holder.
    ManagersAndHolder,
    /// The card's own holder.
    Holder,
    /// Managers and owners.
    Managers,
    /// Owners.
    Owners,
    /// A paired till before anyone signed in.
    Tills,
    /// Whoever asks for a WebSocket; its first frame says who.
    Sockets,
    /// Whoever signs as Twilio does; no token of ours opens it.
    Twilio,
}

use For::{
    Everyone, Holder, Managers, ManagersAndHolder, Members, MembersAndHolder, Owners, Sockets, Tills, Twilio,
};

/// One endpoint: whom it is for, and what another business's owner is told who names what is this business's.
/// `2xx` for those that name nothing: they answer about her own.
pub(crate) const ENDPOINTS: &[(&str, &str, For, &str)] = &[
    ("POST", "/api/v1/auth/signup", Everyone, "409"),
    ("POST", "/api/v1/auth/login", Everyone, "401"),
    ("POST", "/api/v1/auth/refresh", Everyone, "401"),
    ("POST", "/api/v1/auth/pin", Everyone, "401"),
    ("POST", "/api/v1/auth/logout", Members, "2xx"),
    ("POST", "/api/v1/auth/recover", Everyone, "202"),
    ("GET", "/api/v1/me", Members, "2xx"),
    ("GET", "/api/v1/till", Tills, "401"),
    ("GET", "/api/v1/business", MembersAndHolder, "2xx"),
    ("PATCH", "/api/v1/business", Owners, "2xx"),
    ("GET", "/api/v1/locations", Members, "2xx"),
    ("POST", "/api/v1/locations", Managers, "2xx"),
    ("PATCH", "/api/v1/locations/{id}", Managers, "404"),
    ("GET", "/api/v1/members", Managers, "2xx"),
    ("POST", "/api/v1/members", Managers, "404"),
    ("PATCH", "/api/v1/members/{id}", Managers, "404"),
    ("DELETE", "/api/v1/members/{id}", Managers, "404"),
    ("GET", "/api/v1/devices", Managers, "2xx"),
    ("POST", "/api/v1/devices", Managers, "404"),
    ("POST", "/api/v1/devices/pair", Everyone, "404"),
    ("DELETE", "/api/v1/devices/{id}", Managers, "404"),
    ("GET", "/api/v1/api-keys", Owners, "2xx"),
    ("POST", "/api/v1/api-keys", Owners, "2xx"),
    ("DELETE", "/api/v1/api-keys/{id}", Owners, "404"),
    ("GET", "/api/v1/audit", Managers, "2xx"),
    ("GET", "/api/v1/programs", Members, "2xx"),
    ("POST", "/api/v1/programs", Managers, "2xx"),
    ("GET", "/api/v1/programs/{id}", Members, "404"),
    ("PATCH", "/api/v1/programs/{id}", Managers, "404"),
    ("PUT", "/api/v1/programs/{id}/logo", Managers, "404"),
    ("DELETE", "/api/v1/programs/{id}/logo", Managers, "404"),
    ("GET", "/api/v1/pass-art", Managers, "2xx"),
    ("GET", "/api/v1/deliveries", Managers, "2xx"),
    ("POST", "/api/v1/deliveries/{id}/retry", Managers, "404"),
    ("POST", "/api/v1/deliveries/retry", Managers, "2xx"),
    ("GET", "/api/v1/wallets", Managers, "2xx"),
    ("GET", "/api/v1/join/{slug}", Everyone, "200"),
    ("POST", "/api/v1/enrollments", Everyone, "401"),
    ("GET", "/api/v1/cards/{id}", MembersAndHolder, "404"),
    ("POST", "/api/v1/cards/link", Everyone, "404"),
    ("POST", "/api/v1/cards/{id}/rotate-code", ManagersAndHolder, "404"),
    ("GET", "/api/v1/cards/{id}/live", Sockets, "400"),
    ("PUT", "/api/v1/cards/{id}/push", Holder, "403"),
    ("DELETE", "/api/v1/cards/{id}/push/{subscription}", Holder, "403"),
    ("POST", "/api/v1/scans", Members, "422"),
    ("POST", "/api/v1/stamps", Members, "404"),
    ("POST", "/api/v1/stamps/batch", Members, "403"),
    ("POST", "/api/v1/stamps/{id}/void", Members, "404"),
    ("POST", "/api/v1/rewards/{id}/redeem", Members, "404"),
    ("POST", "/api/v1/rewards/{id}/unredeem", Members, "404"),
    ("GET", "/api/v1/customers", Members, "2xx"),
    ("GET", "/api/v1/customers/{id}", Members, "404"),
    ("PATCH", "/api/v1/customers/{id}", Managers, "404"),
    ("DELETE", "/api/v1/customers/{id}", Managers, "404"),
    ("GET", "/api/v1/customers/{id}/ledger", Managers, "404"),
    ("GET", "/api/v1/customers/{id}/export", Managers, "404"),
    ("POST", "/api/v1/customers/{id}/merge", Managers, "404"),
    ("POST", "/api/v1/customers/{id}/link", Members, "404"),
    ("POST", "/api/v1/customers/import", Managers, "2xx"),
    ("GET", "/api/v1/customers/export", Managers, "2xx"),
    ("GET", "/api/v1/dashboard", Managers, "2xx"),
    ("GET", "/api/v1/poster.pdf", Members, "2xx"),
    ("GET", "/api/v1/poster.png", Members, "2xx"),
    ("GET", "/api/v1/poster.svg", Members, "2xx"),
    ("GET", "/api/v1/analytics/overview", Managers, "2xx"),
    ("GET", "/api/v1/analytics/heatmap", Managers, "2xx"),
    ("GET", "/api/v1/analytics/members", Managers, "2xx"),
    ("GET", "/api/v1/live", Sockets, "400"),
    ("POST", "/api/v1/audiences/preview", Managers, "2xx"),
    ("GET", "/api/v1/campaigns", Managers, "2xx"),
    ("POST", "/api/v1/campaigns", Managers, "2xx"),
    ("GET", "/api/v1/campaigns/{id}", Managers, "404"),
    ("PATCH", "/api/v1/campaigns/{id}", Managers, "404"),
    ("POST", "/api/v1/campaigns/{id}/launch", Managers, "404"),
    ("POST", "/api/v1/campaigns/{id}/pause", Managers, "404"),
    ("POST", "/api/v1/campaigns/{id}/resume", Managers, "404"),
    ("POST", "/api/v1/campaigns/{id}/cancel", Managers, "404"),
    ("GET", "/api/v1/campaigns/{id}/results", Managers, "404"),
    ("GET", "/api/v1/campaigns/{id}/failures", Managers, "404"),
    ("GET", "/api/v1/automations", Managers, "2xx"),
    ("GET", "/api/v1/templates", Managers, "2xx"),
    ("GET", "/api/v1/messages", Managers, "2xx"),
    ("GET", "/api/v1/inbox", Managers, "2xx"),
    ("GET", "/api/v1/inbox/{id}", Managers, "404"),
    ("POST", "/api/v1/inbox/{id}", Managers, "404"),
    ("GET", "/api/v1/messaging", Managers, "2xx"),
    ("PATCH", "/api/v1/messaging", Owners, "422"),
    ("POST", "/webhooks/twilio/status", Twilio, "403"),
    ("POST", "/webhooks/twilio/inbound", Twilio, "403"),
];
