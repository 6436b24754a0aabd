//! Sign-in and tokens.

use kernel::Invalid;
use proto::enrollment as wire;
use tonic::{Request, Response, Status};
use wire::auth_service_server::AuthService;

use crate::Error;
use crate::app::{PinLogin, Signup};
use crate::domain::business::Slug;
use crate::domain::credentials::{Email, Secret};
use crate::domain::name;
use crate::domain::token::Token;
use crate::grpc::{Grpc, bearer, business, expires_in, member, tokens};

#[tonic::async_trait]
impl AuthService for Grpc {
    async fn signup(
        &self,
        request: Request<wire::SignupRequest>,
    ) -> Result<Response<wire::SignupResponse>, Status> {
        let signup = read_signup(&request.into_inner()).map_err(Error::from)?;
        let made = self.app.signup(signup).await?;
        Ok(Response::new(wire::SignupResponse {
            tokens: Some(tokens(&made.tokens)),
            business: Some(business(&made.business)),
            member: Some(member(&made.owner)),
            recovery_codes: made.recovery_codes.iter().map(|code| code.reveal().to_owned()).collect(),
        }))
    }

    async fn login(
        &self,
        request: Request<wire::LoginRequest>,
    ) -> Result<Response<wire::LoginResponse>, Status> {
        let asked = request.into_inner();
        let email = Email::parse(&asked.email).map_err(Error::from)?;
        let password = Secret::shown("password", &asked.password).map_err(Error::from)?;
        let given = self.app.login(&email, &password).await?;
        Ok(Response::new(wire::LoginResponse { tokens: Some(tokens(&given)) }))
    }

    async fn login_with_pin(
        &self,
        request: Request<wire::LoginWithPinRequest>,
    ) -> Result<Response<wire::LoginWithPinResponse>, Status> {
        let asked = request.into_inner();
        let login = PinLogin {
            device_token: Token::from_bearer(&asked.device_token).ok_or(Error::NotPaired)?,
            member: asked.member_id.parse().map_err(Error::Invalid)?,
            pin: Secret::shown("pin", &asked.pin).map_err(Error::from)?,
        };
        let (given, who) = self.app.login_with_pin(&login).await?;
        Ok(Response::new(wire::LoginWithPinResponse {
            tokens: Some(tokens(&given)),
            member: Some(member(&who)),
        }))
    }

    async fn refresh(
        &self,
        request: Request<wire::RefreshRequest>,
    ) -> Result<Response<wire::RefreshResponse>, Status> {
        let shown = bearer(&request.into_inner().refresh_token)?;
        let given = self.app.refresh(&shown).await?;
        Ok(Response::new(wire::RefreshResponse { tokens: Some(tokens(&given)) }))
    }

    async fn logout(
        &self,
        request: Request<wire::LogoutRequest>,
    ) -> Result<Response<wire::LogoutResponse>, Status> {
        let claims = self.app.claims(request.metadata()).await?.ok_or(Error::Unauthenticated)?;
        self.app.logout(claims.family).await?;
        Ok(Response::new(wire::LogoutResponse {}))
    }

    async fn recover(
        &self,
        request: Request<wire::RecoverRequest>,
    ) -> Result<Response<wire::RecoverResponse>, Status> {
        let asked = request.into_inner();
        let email = Email::parse(&asked.email).map_err(Error::from)?;
        // Without a code there is nothing to do yet, whether or not the address is known: no mail is sent.
        if !asked.recovery_code.trim().is_empty() {
            let password = Secret::new_password("new_password", &asked.new_password).map_err(Error::from)?;
            let code = Token::from_typed_code(&asked.recovery_code).ok_or(Error::InvalidCredentials)?;
            self.app.recover(&email, &code, &password).await?;
        }
        Ok(Response::new(wire::RecoverResponse {}))
    }

    async fn exchange_holder_token(
        &self,
        request: Request<wire::ExchangeHolderTokenRequest>,
    ) -> Result<Response<wire::ExchangeHolderTokenResponse>, Status> {
        let token = bearer(&request.into_inner().holder_token)?;
        let (access, business, customer, card) = self.app.exchange_holder_token(&token).await?;
        Ok(Response::new(wire::ExchangeHolderTokenResponse {
            access_token: access.token,
            expires_in: expires_in(),
            card_id: card.to_string(),
            customer_id: customer.to_string(),
            business_id: business.to_string(),
        }))
    }

    async fn exchange_api_key(
        &self,
        request: Request<wire::ExchangeApiKeyRequest>,
    ) -> Result<Response<wire::ExchangeApiKeyResponse>, Status> {
        let key = bearer(&request.into_inner().api_key)?;
        let access = self.app.exchange_api_key(&key).await?;
        Ok(Response::new(wire::ExchangeApiKeyResponse {
            access_token: access.token,
            expires_in: expires_in(),
        }))
    }

    async fn issue_service_token(
        &self,
        request: Request<wire::IssueServiceTokenRequest>,
    ) -> Result<Response<wire::IssueServiceTokenResponse>, Status> {
        let asked = request.into_inner();
        let access = self.app.issue_service_token(&asked.service, &asked.secret).await?;
        Ok(Response::new(wire::IssueServiceTokenResponse {
            access_token: access.token,
            expires_in: expires_in(),
        }))
    }

    async fn get_jwks(
        &self,
        _request: Request<wire::GetJwksRequest>,
    ) -> Result<Response<wire::GetJwksResponse>, Status> {
        Ok(Response::new(wire::GetJwksResponse { jwks_json: self.app.jwks().await? }))
    }

    async fn reset_member(
        &self,
        request: Request<wire::ResetMemberRequest>,
    ) -> Result<Response<wire::ResetMemberResponse>, Status> {
        let caller = self.app.caller(request.metadata()).await?;
        let email = Email::parse(&request.into_inner().email).map_err(Error::from)?;
        let password = self.app.reset_member(&caller, &email).await?;
        Ok(Response::new(wire::ResetMemberResponse { password: password.reveal().to_owned() }))
    }
}

fn read_signup(asked: &wire::SignupRequest) -> Result<Signup, Invalid> {
    let of = |part: &'static str| {
        move |wrong: Invalid| Invalid::new(format!("{part}.{}", wrong.field), wrong.reason)
    };
    Ok(Signup {
        business_name: name::parse("business.name", &asked.business_name)?,
        slug: if asked.slug.trim().is_empty() {
            None
        } else {
            Some(Slug::parse(&asked.slug).map_err(of("business"))?)
        },
        owner_name: name::parse("owner.name", &asked.owner_name)?,
        email: Email::parse(&asked.email).map_err(of("owner"))?,
        password: Secret::new_password("password", &asked.password).map_err(of("owner"))?,
    })
}
