//! A business and its people.

use kernel::{Invalid, Zone};
use proto::enrollment as wire;
use tonic::{Request, Response, Status};
use wire::business_service_server::BusinessService;

use crate::Error;
use crate::app::{BusinessChange, FilledText, NewDevice};
use crate::domain::business::{Slug, parse_language, parse_ruc};
use crate::domain::credentials::{ApiKey, MemberChange, NewMember, Secret, parse_role};
use crate::domain::device::{Device, parse_public_key};
use crate::domain::name;
use crate::domain::token::Token;
use crate::grpc::{
    Grpc, business, known_slug, language, location, location_id, member, moment, optional, text,
};

/// What a till is called that was given no name.
const UNNAMED_TILL: &str = "Caja";

#[tonic::async_trait]
impl BusinessService for Grpc {
    async fn get_me(
        &self,
        request: Request<wire::GetMeRequest>,
    ) -> Result<Response<wire::GetMeResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let me = self.app.me(&caller).await?;
        Ok(Response::new(wire::GetMeResponse {
            member: Some(member(&me.member)),
            business: Some(business(&me.business)),
            device_id: text(me.device),
        }))
    }

    async fn get_business(
        &self,
        request: Request<wire::GetBusinessRequest>,
    ) -> Result<Response<wire::GetBusinessResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let named = optional(&request.get_ref().business_id).map_err(Error::from)?;
        let own = self.app.business(&caller, named).await?;
        Ok(Response::new(wire::GetBusinessResponse { business: Some(business(&own)) }))
    }

    async fn update_business(
        &self,
        request: Request<wire::UpdateBusinessRequest>,
    ) -> Result<Response<wire::UpdateBusinessResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let change = read_business_change(&request.into_inner()).map_err(Error::from)?;
        let own = self.app.update_business(&caller, change).await?;
        Ok(Response::new(wire::UpdateBusinessResponse { business: Some(business(&own)) }))
    }

    async fn get_public_business(
        &self,
        request: Request<wire::GetPublicBusinessRequest>,
    ) -> Result<Response<wire::GetPublicBusinessResponse>, Status> {
        let asked = request.into_inner();
        let slug = known_slug(&asked.slug)?;
        let found = self.app.public_business(&slug, language(&asked.language)).await?;
        Ok(Response::new(wire::GetPublicBusinessResponse {
            business_id: found.business.id.to_string(),
            slug: found.business.slug,
            name: found.business.name,
            ruc: found.business.ruc,
            language: found.business.language.as_str().to_owned(),
            time_zone: found.business.zone.name().to_owned(),
            program_text: Some(consent_text(found.program)),
            marketing_text: Some(consent_text(found.marketing)),
        }))
    }

    async fn list_locations(
        &self,
        request: Request<wire::ListLocationsRequest>,
    ) -> Result<Response<wire::ListLocationsResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let locations = self.app.locations(&caller).await?;
        Ok(Response::new(wire::ListLocationsResponse { locations: locations.iter().map(location).collect() }))
    }

    async fn create_location(
        &self,
        request: Request<wire::CreateLocationRequest>,
    ) -> Result<Response<wire::CreateLocationResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let name = name::parse("name", &asked.name).map_err(Error::from)?;
        let address = name::parse_address(&asked.address).map_err(Error::from)?;
        let made = self.app.create_location(&caller, name, address).await?;
        Ok(Response::new(wire::CreateLocationResponse { location: Some(location(&made)) }))
    }

    async fn update_location(
        &self,
        request: Request<wire::UpdateLocationRequest>,
    ) -> Result<Response<wire::UpdateLocationResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let id = asked.location_id.parse().map_err(Error::Invalid)?;
        let name = asked.name.map(|text| name::parse("name", &text)).transpose().map_err(Error::from)?;
        let address =
            asked.address.map(|text| name::parse_address(&text)).transpose().map_err(Error::from)?;
        let changed = self.app.update_location(&caller, id, name, address).await?;
        Ok(Response::new(wire::UpdateLocationResponse { location: Some(location(&changed)) }))
    }

    async fn list_members(
        &self,
        request: Request<wire::ListMembersRequest>,
    ) -> Result<Response<wire::ListMembersResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let members = self.app.members(&caller).await?;
        Ok(Response::new(wire::ListMembersResponse { members: members.iter().map(member).collect() }))
    }

    async fn create_member(
        &self,
        request: Request<wire::CreateMemberRequest>,
    ) -> Result<Response<wire::CreateMemberResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let new = read_new_member(&request.into_inner()).map_err(Error::from)?;
        let made = self.app.create_member(&caller, new).await?;
        Ok(Response::new(wire::CreateMemberResponse { member: Some(member(&made)) }))
    }

    async fn update_member(
        &self,
        request: Request<wire::UpdateMemberRequest>,
    ) -> Result<Response<wire::UpdateMemberResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let id = asked.member_id.parse().map_err(Error::Invalid)?;
        let change = read_member_change(&asked).map_err(Error::from)?;
        let changed = self.app.update_member(&caller, id, change).await?;
        Ok(Response::new(wire::UpdateMemberResponse { member: Some(member(&changed)) }))
    }

    async fn delete_member(
        &self,
        request: Request<wire::DeleteMemberRequest>,
    ) -> Result<Response<wire::DeleteMemberResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let id = request.into_inner().member_id.parse().map_err(Error::Invalid)?;
        self.app.delete_member(&caller, id).await?;
        Ok(Response::new(wire::DeleteMemberResponse {}))
    }

    async fn list_devices(
        &self,
        request: Request<wire::ListDevicesRequest>,
    ) -> Result<Response<wire::ListDevicesResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let devices = self.app.devices(&caller).await?;
        Ok(Response::new(wire::ListDevicesResponse { devices: devices.into_iter().map(device).collect() }))
    }

    async fn create_pairing(
        &self,
        request: Request<wire::CreatePairingRequest>,
    ) -> Result<Response<wire::CreatePairingResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let location = location_id(&request.into_inner().location_id).map_err(Error::from)?;
        let (code, until) = self.app.create_pairing(&caller, location).await?;
        Ok(Response::new(wire::CreatePairingResponse {
            pairing_code: code.reveal().to_owned(),
            expires_at: moment(until),
        }))
    }

    async fn pair_device(
        &self,
        request: Request<wire::PairDeviceRequest>,
    ) -> Result<Response<wire::PairDeviceResponse>, Status> {
        let asked = request.into_inner();
        let code = Token::from_typed_code(&asked.pairing_code);
        let new = NewDevice {
            code: code.ok_or_else(|| Error::from(Invalid::new("pairing_code", "required")))?,
            name: name::parse_or("name", &asked.name, UNNAMED_TILL).map_err(Error::from)?,
            public_key: parse_public_key(&asked.public_key).map_err(Error::from)?,
        };
        let paired = self.app.pair_device(new).await?;
        Ok(Response::new(wire::PairDeviceResponse {
            device_token: paired.token.reveal().to_owned(),
            device_id: paired.device.to_string(),
            business: Some(business(&paired.business)),
        }))
    }

    async fn delete_device(
        &self,
        request: Request<wire::DeleteDeviceRequest>,
    ) -> Result<Response<wire::DeleteDeviceResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let id = request.into_inner().device_id.parse().map_err(Error::Invalid)?;
        self.app.delete_device(&caller, id).await?;
        Ok(Response::new(wire::DeleteDeviceResponse {}))
    }

    async fn get_till(
        &self,
        request: Request<wire::GetTillRequest>,
    ) -> Result<Response<wire::GetTillResponse>, Status> {
        let token = Token::from_bearer(&request.into_inner().device_token).ok_or(Error::NotPaired)?;
        let till = self.app.till(&token).await?;
        let members = till.members.into_iter();
        Ok(Response::new(wire::GetTillResponse {
            device_id: till.device.id.to_string(),
            device_name: till.device.name,
            business: Some(business(&till.business)),
            location: till.location.as_ref().map(location),
            members: members.map(|(id, name)| wire::TillMember { member_id: id.to_string(), name }).collect(),
        }))
    }

    async fn get_device_key(
        &self,
        request: Request<wire::GetDeviceKeyRequest>,
    ) -> Result<Response<wire::GetDeviceKeyResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let business = asked.business_id.parse().map_err(Error::Invalid)?;
        let device = asked.device_id.parse().map_err(Error::Invalid)?;
        let (public_key, location) = self.app.device_key(&caller, business, device).await?;
        Ok(Response::new(wire::GetDeviceKeyResponse { public_key, location_id: text(location) }))
    }

    async fn list_api_keys(
        &self,
        request: Request<wire::ListApiKeysRequest>,
    ) -> Result<Response<wire::ListApiKeysResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let keys = self.app.api_keys(&caller).await?;
        Ok(Response::new(wire::ListApiKeysResponse { api_keys: keys.into_iter().map(api_key).collect() }))
    }

    async fn create_api_key(
        &self,
        request: Request<wire::CreateApiKeyRequest>,
    ) -> Result<Response<wire::CreateApiKeyResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let name = name::parse("name", &request.into_inner().name).map_err(Error::from)?;
        let (key, secret) = self.app.create_api_key(&caller, name).await?;
        Ok(Response::new(wire::CreateApiKeyResponse {
            api_key: Some(api_key(key)),
            secret: secret.reveal().to_owned(),
        }))
    }

    async fn delete_api_key(
        &self,
        request: Request<wire::DeleteApiKeyRequest>,
    ) -> Result<Response<wire::DeleteApiKeyResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let id = request.into_inner().api_key_id.parse().map_err(Error::Invalid)?;
        self.app.delete_api_key(&caller, id).await?;
        Ok(Response::new(wire::DeleteApiKeyResponse {}))
    }

    async fn list_audit(
        &self,
        request: Request<wire::ListAuditRequest>,
    ) -> Result<Response<wire::ListAuditResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let cursor = match asked.cursor.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| Error::from(Invalid::new("cursor", "not_a_cursor")))?),
        };
        let (entries, next) = self.app.audit_log(&caller, cursor, asked.limit).await?;
        let entries = entries.into_iter().map(|entry| wire::AuditEntry {
            audit_id: entry.id.to_string(),
            member_id: text(entry.member),
            action: entry.action,
            object_id: text(entry.object),
            at: moment(entry.at),
        });
        Ok(Response::new(wire::ListAuditResponse { entries: entries.collect(), next_cursor: text(next) }))
    }
}

fn read_business_change(asked: &wire::UpdateBusinessRequest) -> Result<BusinessChange, Invalid> {
    Ok(BusinessChange {
        name: asked.name.as_deref().map(|text| name::parse("name", text)).transpose()?,
        slug: asked.slug.as_deref().map(Slug::parse).transpose()?,
        zone: asked.time_zone.as_deref().map(Zone::parse).transpose()?,
        language: asked.language.as_deref().map(parse_language).transpose()?,
        ruc: asked.ruc.as_deref().map(parse_ruc).transpose()?,
    })
}

fn read_new_member(asked: &wire::CreateMemberRequest) -> Result<NewMember, Invalid> {
    let name = name::parse("name", &asked.name)?;
    let role = parse_role(&asked.role)?;
    let location = location_id(&asked.location_id)?;
    NewMember::new(name, role, (&asked.email, &asked.password), &asked.pin, location)
}

fn read_member_change(asked: &wire::UpdateMemberRequest) -> Result<MemberChange, Invalid> {
    let pin = asked
        .pin
        .as_deref()
        .map(|pin| if pin.is_empty() { Ok(None) } else { Secret::new_pin(pin).map(Some) });
    Ok(MemberChange {
        name: asked.name.as_deref().map(|text| name::parse("name", text)).transpose()?,
        role: asked.role.as_deref().map(parse_role).transpose()?,
        pin: pin.transpose()?,
        location: asked.location_id.as_deref().map(location_id).transpose()?,
        active: asked.active,
    })
}

fn consent_text(text: FilledText) -> wire::ConsentText {
    wire::ConsentText { version: text.version, short: text.short, long: text.long }
}

fn device(device: Device) -> wire::Device {
    wire::Device {
        device_id: device.id.to_string(),
        name: device.name,
        location_id: text(device.location),
        paired_at: moment(device.paired_at),
        last_seen_at: moment(device.last_seen_at),
    }
}

fn api_key(key: ApiKey) -> wire::ApiKey {
    wire::ApiKey {
        api_key_id: key.id.to_string(),
        name: key.name,
        prefix: key.prefix,
        created_at: moment(key.created_at),
        last_used_at: key.last_used_at.and_then(moment),
    }
}
