use std::fmt;

/// Where in the growth document a number stands; or that it is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// "Executive Summary", its table.
    Summary,
    /// "Market Analysis & TAM/SAM/SOM".
    Market,
    /// "Growth Model (3 Scenarios)".
    Scenarios,
    /// "User Activity Patterns", business owners.
    Owners,
    /// "User Activity Patterns", end customers.
    Customers,
    /// "User Activity Patterns", campaigns.
    Campaigns,
    /// "Concurrency Analysis", database.
    Database,
    /// "Concurrency Analysis", API.
    Api,
    /// "Concurrency Analysis", WebSockets.
    WebSockets,
    /// "External API Quotas & Limits", WhatsApp.
    WhatsApp,
    /// "External API Quotas & Limits", Apple Wallet.
    AppleWallet,
    /// "External API Quotas & Limits", PostgreSQL connections.
    Connections,
    /// "Storage & Data Growth", database.
    DatabaseSize,
    /// "Storage & Data Growth", files.
    Files,
    /// "Network & Bandwidth", inbound.
    Inbound,
    /// "Network & Bandwidth", outbound.
    Outbound,
    /// "Infrastructure Sizing Recommendations".
    Infrastructure,
    /// "Cost Projections", infrastructure.
    Cost,
    /// "Cost Projections", external services.
    ExternalCost,
    /// "Risk Factors & Mitigation".
    Risks,
    /// "Monitoring & Observability".
    Monitoring,
    /// "Conclusion".
    Conclusion,
    /// Not the document's: ours, with its reason where it is stated.
    Ours,
}

impl Section {
    /// The heading, short.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Summary => "Executive Summary",
            Self::Market => "Market Analysis",
            Self::Scenarios => "Growth Model",
            Self::Owners => "Business Owner Activity",
            Self::Customers => "End Customer Activity",
            Self::Campaigns => "Campaign Activity",
            Self::Database => "Database Concurrency",
            Self::Api => "API Concurrency",
            Self::WebSockets => "WebSocket Concurrency",
            Self::WhatsApp => "WhatsApp Business API",
            Self::AppleWallet => "Apple Wallet PassKit API",
            Self::Connections => "PostgreSQL Connection Limits",
            Self::DatabaseSize => "Database Size Projections",
            Self::Files => "File Storage",
            Self::Inbound => "Inbound Traffic",
            Self::Outbound => "Outbound Traffic",
            Self::Infrastructure => "Infrastructure Sizing",
            Self::Cost => "Infrastructure Costs",
            Self::ExternalCost => "External Service Costs",
            Self::Risks => "Risk Factors",
            Self::Monitoring => "Monitoring",
            Self::Conclusion => "Conclusion",
            Self::Ours => "ours",
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.heading())
    }
}
