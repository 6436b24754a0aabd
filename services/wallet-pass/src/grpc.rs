//! Wire to call, answer to wire.

use std::sync::Arc;

use boot::auth::Verifier;
use chrono::{DateTime, Utc};
use kernel::{Invalid, Locale};
use prost::Message;
use prost_types::Timestamp;
use proto::wallet_pass as pb;
use proto::wallet_pass::wallet_pass_service_server::WalletPassService;
use tonic::{Request, Response, Status};

use crate::Error;
use crate::app::{App, ArtKind, Asked, Fetched, Sketch};
use crate::domain::link::Holder;
use crate::events::timestamp;

/// Lines of a phone's complaint that are kept.
const MOST_LOG_LINES: usize = 20;
/// Characters of such a line.
const LONGEST_LOG_LINE: usize = 300;

/// The service on the wire.
pub(crate) struct Grpc {
    pub(crate) app: Arc<App>,
    pub(crate) verifier: Arc<Verifier>,
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl WalletPassService for Grpc {
    async fn get_pass_links(
        &self,
        request: Request<pb::GetPassLinksRequest>,
    ) -> Answer<pb::GetPassLinksResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let named = if asked.card_id.is_empty() { None } else { Some(holder(&asked)?) };
        let links = self.app.pass_links(&caller, named).await?;
        Ok(Response::new(pb::GetPassLinksResponse {
            apple_token: links.apple,
            google_token: links.google,
            bundle_cards: i32::try_from(links.bundled).unwrap_or(0),
            web_push_key: links.web,
        }))
    }

    async fn subscribe_browser(
        &self,
        request: Request<pb::SubscribeBrowserRequest>,
    ) -> Answer<pb::SubscribeBrowserResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let card = asked.card_id.parse().map_err(Error::Invalid)?;
        let browser = Asked { endpoint: &asked.endpoint, p256dh: &asked.p256dh, auth: &asked.auth };
        let language = Locale::from_tag(&asked.language);
        let subscribed = self.app.subscribe(&caller, card, browser, language).await?;
        Ok(Response::new(pb::SubscribeBrowserResponse {
            subscription_id: subscribed.subscription.to_string(),
            created: subscribed.created,
        }))
    }

    async fn unsubscribe_browser(
        &self,
        request: Request<pb::UnsubscribeBrowserRequest>,
    ) -> Answer<pb::UnsubscribeBrowserResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let card = asked.card_id.parse().map_err(Error::Invalid)?;
        let subscription = asked.subscription_id.parse();
        let subscription =
            subscription.map_err(|_| Error::from(Invalid::new("subscription_id", "not_a_uuid")))?;
        self.app.unsubscribe(&caller, card, subscription).await?;
        Ok(Response::new(pb::UnsubscribeBrowserResponse {}))
    }

    async fn download_pass(
        &self,
        request: Request<pb::DownloadPassRequest>,
    ) -> Answer<pb::DownloadPassResponse> {
        let asked = request.into_inner();
        let made = self.app.download(&asked.token, Locale::from_tag(&asked.language)).await?;
        Ok(Response::new(pb::DownloadPassResponse {
            pkpass: made.pkpass.to_vec(),
            last_modified: Some(timestamp(made.modified_at)),
        }))
    }

    async fn download_bundle(
        &self,
        request: Request<pb::DownloadBundleRequest>,
    ) -> Answer<pb::DownloadBundleResponse> {
        let asked = request.into_inner();
        let pkpasses = self.app.download_all(&asked.token, Locale::from_tag(&asked.language)).await?;
        Ok(Response::new(pb::DownloadBundleResponse { pkpasses }))
    }

    async fn save_pass(&self, request: Request<pb::SavePassRequest>) -> Answer<pb::SavePassResponse> {
        let asked = request.into_inner();
        let save_url = self.app.save_link(&asked.token, Locale::from_tag(&asked.language)).await?;
        Ok(Response::new(pb::SavePassResponse { save_url }))
    }

    async fn register_device(
        &self,
        request: Request<pb::RegisterDeviceRequest>,
    ) -> Answer<pb::RegisterDeviceResponse> {
        let asked = request.into_inner();
        let of = (asked.pass_type.as_str(), asked.serial.as_str(), asked.authentication_token.as_str());
        let created = self.app.register(&asked.device, of, &asked.push_token).await?;
        Ok(Response::new(pb::RegisterDeviceResponse { created }))
    }

    async fn unregister_device(
        &self,
        request: Request<pb::UnregisterDeviceRequest>,
    ) -> Answer<pb::UnregisterDeviceResponse> {
        let asked = request.into_inner();
        let of = (asked.pass_type.as_str(), asked.serial.as_str(), asked.authentication_token.as_str());
        self.app.unregister(&asked.device, of).await?;
        Ok(Response::new(pb::UnregisterDeviceResponse {}))
    }

    async fn list_changed_passes(
        &self,
        request: Request<pb::ListChangedPassesRequest>,
    ) -> Answer<pb::ListChangedPassesResponse> {
        let asked = request.into_inner();
        let changed = self.app.changed_passes(&asked.device, &asked.pass_type, &asked.since).await?;
        let last_updated = if changed.serials.is_empty() { String::new() } else { changed.tag };
        Ok(Response::new(pb::ListChangedPassesResponse {
            serials: changed.serials.iter().map(ToString::to_string).collect(),
            last_updated,
        }))
    }

    async fn fetch_pass(&self, request: Request<pb::FetchPassRequest>) -> Answer<pb::FetchPassResponse> {
        let asked = request.into_inner();
        let of = (asked.pass_type.as_str(), asked.serial.as_str(), asked.authentication_token.as_str());
        let (pkpass, modified_at) = match self.app.fetch(of, asked.if_modified_since.and_then(moment)).await?
        {
            Fetched::NotModified(at) => (Vec::new(), at),
            Fetched::Newer(made) => (made.pkpass.to_vec(), made.modified_at),
        };
        Ok(Response::new(pb::FetchPassResponse { pkpass, last_modified: Some(timestamp(modified_at)) }))
    }

    async fn log_device(&self, request: Request<pb::LogDeviceRequest>) -> Answer<pb::LogDeviceResponse> {
        for line in request.into_inner().logs.iter().take(MOST_LOG_LINES) {
            // Apple's words, about passes and URLs; what would not print is left out.
            let line: String =
                line.chars().filter(|letter| !letter.is_control()).take(LONGEST_LOG_LINE).collect();
            metrics::counter!("wallet_complaints_total").increment(1);
            tracing::info!(said = %without_secrets(&line), "a phone complains of a pass");
        }
        Ok(Response::new(pb::LogDeviceResponse {}))
    }

    async fn take_google_callback(
        &self,
        request: Request<pb::TakeGoogleCallbackRequest>,
    ) -> Answer<pb::TakeGoogleCallbackResponse> {
        self.app.google_callback(&request.into_inner().body).await?;
        Ok(Response::new(pb::TakeGoogleCallbackResponse {}))
    }

    async fn get_art(&self, request: Request<pb::GetArtRequest>) -> Answer<pb::GetArtResponse> {
        let asked = request.into_inner();
        let kind = ArtKind::parse(&asked.kind).map_err(Error::from)?;
        let program = asked.program_id.parse().map_err(Error::Invalid)?;
        let png = self.app.art_of(program, kind, asked.stamps, scale(asked.scale)?).await?;
        Ok(Response::new(pb::GetArtResponse { png: png.to_vec() }))
    }

    async fn preview_art(&self, request: Request<pb::PreviewArtRequest>) -> Answer<pb::PreviewArtResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let kind = ArtKind::parse(&asked.kind).map_err(Error::from)?;
        let of_cards = |field, count: i32| match count {
            0..=30 => Ok(count),
            _ => Err(Error::from(Invalid::new(field, "out_of_range"))),
        };
        let sketch = Sketch {
            look: art::Look::read(&asked.ink, &asked.paper, &asked.stamp_shape),
            stamps: of_cards("stamps", asked.stamps)?,
            required: of_cards("stamps_required", asked.stamps_required)?.max(1),
            rewards_at: asked.reward_counts.into_iter().take(30).collect(),
            logo: None,
        };
        let png = self.app.preview(&caller, sketch, kind, scale(asked.scale)?).await?;
        Ok(Response::new(pb::PreviewArtResponse { png: png.to_vec() }))
    }

    async fn set_logo(&self, request: Request<pb::SetLogoRequest>) -> Answer<pb::SetLogoResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let program = asked.program_id.parse().map_err(Error::Invalid)?;
        let version = self.app.set_logo(&caller, program, asked.image).await?;
        Ok(Response::new(pb::SetLogoResponse { version }))
    }

    async fn remove_logo(&self, request: Request<pb::RemoveLogoRequest>) -> Answer<pb::RemoveLogoResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let program = request.into_inner().program_id.parse().map_err(Error::Invalid)?;
        self.app.remove_logo(&caller, program).await?;
        Ok(Response::new(pb::RemoveLogoResponse {}))
    }

    async fn list_deliveries(
        &self,
        request: Request<pb::ListDeliveriesRequest>,
    ) -> Answer<pb::ListDeliveriesResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let limit = match asked.limit {
            0 => 50,
            1..=100 => i64::from(asked.limit),
            _ => return Err(Error::from(Invalid::new("limit", "out_of_range")).into()),
        };
        let before = match asked.cursor.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| Error::from(Invalid::new("cursor", "not_a_cursor")))?),
        };
        let (found, next) = self.app.deliveries(&caller, &asked.status, before, limit).await?;
        let deliveries = found.into_iter().map(|delivery| pb::Delivery {
            delivery_id: delivery.push.to_string(),
            card_id: delivery.card.to_string(),
            customer_id: delivery.customer.to_string(),
            wallet: delivery.wallet,
            status: if delivery.next_at.is_some() { "waiting" } else { "dead" }.to_owned(),
            reason: delivery.reason,
            attempts: delivery.attempts,
            wanted_at: Some(timestamp(delivery.wanted_at)),
            next_at: delivery.next_at.map(timestamp),
        });
        Ok(Response::new(pb::ListDeliveriesResponse {
            deliveries: deliveries.collect(),
            next_cursor: next.map(|id| id.to_string()).unwrap_or_default(),
        }))
    }

    async fn retry_delivery(
        &self,
        request: Request<pb::RetryDeliveryRequest>,
    ) -> Answer<pb::RetryDeliveryResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let push = match request.into_inner().delivery_id.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| Error::from(Invalid::new("delivery_id", "not_a_uuid")))?),
        };
        let retried = self.app.retry(&caller, push).await?;
        Ok(Response::new(pb::RetryDeliveryResponse { retried: i64::try_from(retried).unwrap_or(i64::MAX) }))
    }

    async fn get_channels(
        &self,
        request: Request<pb::GetChannelsRequest>,
    ) -> Answer<pb::GetChannelsResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let channels = self.app.channels(&caller).await?.into_iter().map(|channel| pb::Channel {
            wallet: channel.wallet.to_owned(),
            on: channel.on,
            stopped: channel.stopped,
            is_development: channel.is_development,
            good_until: channel.good_until.map(timestamp),
        });
        Ok(Response::new(pb::GetChannelsResponse { channels: channels.collect() }))
    }

    async fn get_progress(
        &self,
        request: Request<pb::GetProgressRequest>,
    ) -> Answer<pb::GetProgressResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let (progress, unread) = self.app.progress(&caller).await?;
        Ok(Response::new(pb::GetProgressResponse {
            outbox_pending: progress.outbox,
            events_pending: i64::try_from(unread).unwrap_or(i64::MAX),
            pushes_waiting: progress.waiting,
            pushes_dead: progress.dead,
        }))
    }

    async fn snapshot_facts(
        &self,
        request: Request<pb::SnapshotFactsRequest>,
    ) -> Answer<pb::SnapshotFactsResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let after = match request.get_ref().cursor.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| Error::from(Invalid::new("cursor", "not_a_cursor")))?),
        };
        let (facts, next) = self.app.snapshot(&caller, after).await?;
        let events = facts.iter().map(|fact| pb::Event::decode(fact.payload.as_slice()));
        Ok(Response::new(pb::SnapshotFactsResponse {
            events: events.collect::<Result<_, _>>().map_err(|error| boot::internal_status(&error))?,
            next_cursor: next.map(|card| card.to_string()).unwrap_or_default(),
        }))
    }
}

fn holder(asked: &pb::GetPassLinksRequest) -> Result<Holder, Error> {
    Ok(Holder {
        business: asked.business_id.parse()?,
        customer: asked.customer_id.parse()?,
        card: asked.card_id.parse()?,
    })
}

fn scale(asked: i32) -> Result<art::Scale, Error> {
    match asked {
        1 => Ok(art::Scale::One),
        0 | 2 => Ok(art::Scale::Two),
        3 => Ok(art::Scale::Three),
        _ => Err(Invalid::new("scale", "out_of_range").into()),
    }
}

fn moment(at: Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?)
}

/// A phone may quote the header or the link that it was refused with.
fn without_secrets(line: &str) -> String {
    line.split(' ').map(|word| if word.len() >= 22 { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_kept_without_tokens_and_links() {
        let said = "[error] Authorization: ApplePass AbCdEfGhIjKlMnOpQrStUv was refused (401)";
        assert_eq!(without_secrets(said), "[error] Authorization: ApplePass … was refused (401)");
    }
}
