//! The generated types of `proto/`, and nothing else. Their documentation stands in the `.proto` files.

/// Figures (`proto/sello/analytics`).
pub mod analytics {
    tonic::include_proto!("sello.analytics.v1");
}
/// Who is written to, and what came of it (`proto/sello/campaign`).
pub mod campaign {
    tonic::include_proto!("sello.campaign.v1");
}
/// Businesses, members, customers and tokens (`proto/sello/enrollment`).
pub mod enrollment {
    tonic::include_proto!("sello.enrollment.v1");
}
/// WhatsApp messages (`proto/sello/messaging`).
pub mod messaging {
    tonic::include_proto!("sello.messaging.v1");
}
/// Programs, cards, stamps and rewards (`proto/sello/stamping`).
pub mod stamping {
    tonic::include_proto!("sello.stamping.v1");
}
/// Passes in Apple Wallet and Google Wallet (`proto/sello/wallet_pass`).
pub mod wallet_pass {
    tonic::include_proto!("sello.wallet_pass.v1");
}
