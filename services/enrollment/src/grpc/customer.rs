//! The customers of a business.

use chrono::NaiveDate;
use kernel::{BusinessId, CustomerId, Invalid};
use prost::Message;
use proto::enrollment as wire;
use tonic::{Request, Response, Status};
use wire::customer_service_server::CustomerService;

use crate::Error;
use crate::app::{ConsentWish, Imported, Outcome, SnapshotPlace};
use crate::domain::business::parse_language;
use crate::domain::consent::Purpose;
use crate::domain::customer::{ContactPurpose, Customer, CustomerChange, Join};
use crate::domain::search::Search;
use crate::domain::token::Token;
use crate::domain::{birthday, name};
use crate::grpc::joining::{enroll_response, form, found, read_place, used_word};
use crate::grpc::{Grpc, known_slug, moment, optional, text};

/// The word for a marketing consent that was never asked for.
pub(super) const NEVER_ASKED: &str = "no";

#[tonic::async_trait]
impl CustomerService for Grpc {
    async fn enroll(
        &self,
        request: Request<wire::EnrollRequest>,
    ) -> Result<Response<wire::EnrollResponse>, Status> {
        let asked = request.into_inner();
        let join = Join::parse(&form(&asked), self.app.today()).map_err(Error::from)?;
        let place = read_place(&asked).map_err(Error::from)?;
        let slug = known_slug(&asked.slug)?;
        let joined = self.app.enroll(&slug, join, place).await?;
        Ok(Response::new(enroll_response(joined)))
    }

    async fn list_customers(
        &self,
        request: Request<wire::ListCustomersRequest>,
    ) -> Result<Response<wire::ListCustomersResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let cursor =
            optional(&asked.cursor).map_err(|_| Error::from(Invalid::new("cursor", "not_a_cursor")))?;
        let search = Search::parse(&asked.search);
        let page = self.app.customers(&caller, &search, cursor, asked.limit).await?;
        Ok(Response::new(wire::ListCustomersResponse {
            customers: page.customers.into_iter().map(customer).collect(),
            next_cursor: text(page.next),
            total: page.total,
        }))
    }

    async fn get_customers(
        &self,
        request: Request<wire::GetCustomersRequest>,
    ) -> Result<Response<wire::GetCustomersResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let ids = request.into_inner().customer_ids;
        let ids =
            ids.iter().map(|id| id.parse()).collect::<Result<Vec<CustomerId>, _>>().map_err(Error::from)?;
        let found = self.app.customers_named(&caller, &ids).await?;
        Ok(Response::new(wire::GetCustomersResponse { customers: found.into_iter().map(customer).collect() }))
    }

    async fn get_customer(
        &self,
        request: Request<wire::GetCustomerRequest>,
    ) -> Result<Response<wire::GetCustomerResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let id = request.into_inner().customer_id.parse().map_err(Error::Invalid)?;
        let found = self.app.customer(&caller, id).await?;
        Ok(Response::new(wire::GetCustomerResponse { customer: Some(customer(found)) }))
    }

    async fn update_customer(
        &self,
        request: Request<wire::UpdateCustomerRequest>,
    ) -> Result<Response<wire::UpdateCustomerResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let id = asked.customer_id.parse().map_err(Error::Invalid)?;
        let change = read_change(&asked, self.app.today()).map_err(Error::from)?;
        let changed = self.app.update_customer(&caller, id, change).await?;
        Ok(Response::new(wire::UpdateCustomerResponse { customer: Some(customer(changed)) }))
    }

    async fn erase_customer(
        &self,
        request: Request<wire::EraseCustomerRequest>,
    ) -> Result<Response<wire::EraseCustomerResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let id = request.into_inner().customer_id.parse().map_err(Error::Invalid)?;
        self.app.erase_customer(&caller, id).await?;
        Ok(Response::new(wire::EraseCustomerResponse {}))
    }

    async fn merge_customers(
        &self,
        request: Request<wire::MergeCustomersRequest>,
    ) -> Result<Response<wire::MergeCustomersResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let into = named("into_customer_id", &asked.into_customer_id).map_err(Error::from)?;
        let from = named("from_customer_id", &asked.from_customer_id).map_err(Error::from)?;
        let merged = self.app.merge_customers(&caller, into, from).await?;
        Ok(Response::new(wire::MergeCustomersResponse { customer: Some(customer(merged)) }))
    }

    async fn create_card_link(
        &self,
        request: Request<wire::CreateCardLinkRequest>,
    ) -> Result<Response<wire::CreateCardLinkResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let id = asked.customer_id.parse().map_err(Error::Invalid)?;
        let card = optional(&asked.card_id).map_err(Error::from)?;
        let business = optional(&asked.business_id).map_err(Error::from)?;
        let (token, until) = self.app.create_card_link(&caller, business, id, card).await?;
        Ok(Response::new(wire::CreateCardLinkResponse {
            link_token: token.reveal().to_owned(),
            expires_at: moment(until),
        }))
    }

    async fn use_card_link(
        &self,
        request: Request<wire::UseCardLinkRequest>,
    ) -> Result<Response<wire::UseCardLinkResponse>, Status> {
        let link = Token::from_bearer(&request.into_inner().link_token).ok_or(Error::NotFound)?;
        let (card, token) = self.app.use_card_link(&link).await?;
        Ok(Response::new(wire::UseCardLinkResponse {
            card_id: card.to_string(),
            holder_token: token.reveal().to_owned(),
        }))
    }

    async fn export_customer(
        &self,
        request: Request<wire::ExportCustomerRequest>,
    ) -> Result<Response<wire::ExportCustomerResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let id = request.into_inner().customer_id.parse().map_err(Error::Invalid)?;
        let json = self.app.export_customer(&caller, id).await?;
        Ok(Response::new(wire::ExportCustomerResponse { json }))
    }

    async fn get_contacts(
        &self,
        request: Request<wire::GetContactsRequest>,
    ) -> Result<Response<wire::GetContactsResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let purpose = ContactPurpose::parse(&asked.purpose).map_err(Error::from)?;
        let business = optional(&asked.business_id).map_err(Error::from)?;
        let ids = asked.customer_ids.iter().map(|id| id.parse()).collect::<Result<Vec<CustomerId>, _>>();
        let ids = ids.map_err(Error::from)?;
        let found = self.app.contacts(&caller, business, &ids, purpose).await?;
        let with_phone = purpose != ContactPurpose::Till;
        let contacts = found.into_iter().map(|contact| wire::Contact {
            customer_id: contact.id.to_string(),
            first_name: name::first(&contact.name).to_owned(),
            phone: if with_phone { contact.phone } else { String::new() },
            language: contact.language,
        });
        Ok(Response::new(wire::GetContactsResponse { contacts: contacts.collect() }))
    }

    async fn set_consent(
        &self,
        request: Request<wire::SetConsentRequest>,
    ) -> Result<Response<wire::SetConsentResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let wish = ConsentWish {
            customer: asked.customer_id.parse().map_err(Error::Invalid)?,
            purpose: Purpose::parse(&asked.purpose).map_err(Error::from)?,
            granted: asked.granted,
            adult: asked.adult_ok,
            business: optional(&asked.business_id).map_err(Error::from)?,
            message: optional(&asked.message_id).map_err(Error::from)?,
        };
        let state = self.app.set_consent(&caller, wish).await?;
        Ok(Response::new(wire::SetConsentResponse { state: state.as_str().to_owned() }))
    }

    async fn use_word(
        &self,
        request: Request<wire::UseWordRequest>,
    ) -> Result<Response<wire::UseWordResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let phone = asked.phone.parse().map_err(Error::Invalid)?;
        let message = asked.message_id.parse().map_err(Error::Invalid)?;
        let used = self.app.use_word(&caller, &asked.word, &phone, message).await?;
        Ok(Response::new(used_word(used)))
    }

    async fn find_by_phone(
        &self,
        request: Request<wire::FindByPhoneRequest>,
    ) -> Result<Response<wire::FindByPhoneResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let phone = asked.phone.parse().map_err(Error::Invalid)?;
        let ids = asked.business_ids.iter().map(|id| id.parse()).collect::<Result<Vec<BusinessId>, _>>();
        let known = self.app.find_by_phone(&caller, &phone, &ids.map_err(Error::from)?).await?;
        Ok(Response::new(wire::FindByPhoneResponse { found: known.into_iter().map(found).collect() }))
    }

    async fn import_customers(
        &self,
        request: Request<wire::ImportCustomersRequest>,
    ) -> Result<Response<wire::ImportCustomersResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let rows = self.app.import_customers(&caller, &asked.csv, asked.dry_run).await?;
        let mut response = wire::ImportCustomersResponse::default();
        for row in rows {
            match &row.outcome {
                Outcome::Created(_) => response.created += 1,
                Outcome::Known(..) => response.known += 1,
                Outcome::Wrong(_) => response.errors += 1,
            }
            response.rows.push(import_row(row));
        }
        Ok(Response::new(response))
    }

    async fn snapshot_facts(
        &self,
        request: Request<wire::SnapshotFactsRequest>,
    ) -> Result<Response<wire::SnapshotFactsResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let place = read_snapshot_place(&request.get_ref().cursor).map_err(Error::from)?;
        let (facts, next) = self.app.snapshot(&caller, place).await?;
        let events = facts.iter().map(|fact| wire::Event::decode(fact.payload.as_slice()));
        Ok(Response::new(wire::SnapshotFactsResponse {
            events: events.collect::<Result<_, _>>().map_err(Error::internal)?,
            next_cursor: next.map(written_place).unwrap_or_default(),
        }))
    }

    async fn get_outbox(
        &self,
        request: Request<wire::GetOutboxRequest>,
    ) -> Result<Response<wire::GetOutboxResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        Ok(Response::new(wire::GetOutboxResponse { pending: self.app.outbox_pending(&caller).await? }))
    }
}

/// Where a page of a snapshot begins: `business:` or `customer:`, and one of them.
fn read_snapshot_place(text: &str) -> Result<SnapshotPlace, Invalid> {
    let wrong = |_: Invalid| Invalid::new("cursor", "not_a_cursor");
    match text.split_once(':') {
        None if text.is_empty() => Ok(SnapshotPlace::Businesses(None)),
        Some(("business", after)) => optional(after).map(SnapshotPlace::Businesses).map_err(wrong),
        Some(("customer", after)) => optional(after).map(SnapshotPlace::Customers).map_err(wrong),
        _ => Err(Invalid::new("cursor", "not_a_cursor")),
    }
}

fn written_place(place: SnapshotPlace) -> String {
    match place {
        SnapshotPlace::Businesses(after) => format!("business:{}", text(after)),
        SnapshotPlace::Customers(after) => format!("customer:{}", text(after)),
    }
}

fn read_change(asked: &wire::UpdateCustomerRequest, today: NaiveDate) -> Result<CustomerChange, Invalid> {
    Ok(CustomerChange {
        name: asked.name.as_deref().map(|text| name::parse("name", text)).transpose()?,
        phone: asked.phone.as_deref().map(str::parse).transpose()?,
        birthday: asked.birthday.as_deref().map(|text| birthday::parse(text, today)).transpose()?,
        language: asked.language.as_deref().map(parse_language).transpose()?,
    })
}

/// Reads a customer's id under the name that the request has for it.
fn named(field: &'static str, text: &str) -> Result<CustomerId, Invalid> {
    text.parse().map_err(|error: Invalid| Invalid::new(field, error.reason))
}

fn customer(customer: Customer) -> wire::Customer {
    wire::Customer {
        customer_id: customer.id.to_string(),
        name: customer.name.unwrap_or_default(),
        phone: customer.phone.unwrap_or_default(),
        language: customer.language,
        birthday: text(customer.birthday),
        marketing: customer.marketing.unwrap_or_else(|| NEVER_ASKED.to_owned()),
        source: customer.source,
        created_at: moment(customer.created_at),
        erased: customer.erased_at.is_some(),
        referral_code: customer.referral_code.unwrap_or_default(),
    }
}

fn import_row(row: Imported) -> wire::ImportRow {
    let mut wire = wire::ImportRow { line: row.line, stamps: row.stamps, ..wire::ImportRow::default() };
    let ids = match row.outcome {
        Outcome::Created(ids) => {
            wire.outcome = "created".into();
            ids
        }
        Outcome::Known(customer, card) => {
            wire.outcome = "known".into();
            Some((customer, card))
        }
        Outcome::Wrong(invalid) => {
            wire.outcome = "error".into();
            wire.field = invalid.field;
            wire.message = invalid.reason.into();
            None
        }
    };
    if let Some((customer, card)) = ids {
        wire.customer_id = customer.to_string();
        wire.card_id = card.to_string();
    }
    wire
}
