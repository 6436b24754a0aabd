//! Checking passwords and PINs, which is slow on purpose: one a core at once, and a short queue.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Error;
use crate::domain::credentials::Secret;

/// OWASP's parameters for argon2id: 19 MiB, two passes, one lane.
const PARAMS: (u32, u32, u32) = (19 * 1024, 2, 1);
/// However many cores there are: a limit of memory knows nothing of them.
const MOST_AT_ONCE: usize = 8;
/// How many may wait for each core; a check takes some 30 ms, so nobody waits for long.
const WAITING_PER_CORE: usize = 8;
/// What is checked where there is nothing to check, so that it takes as long. Nothing hashes to it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2VsbG8tbm9ib2R5LTAx$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The one door to argon2.
pub struct Passwords {
    places: Arc<Semaphore>,
    cores: Arc<Semaphore>,
}

/// The right to hash or check once. It lives until the work is done, even if who asked has gone.
pub struct Turn {
    _place: OwnedSemaphorePermit,
    _core: OwnedSemaphorePermit,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::with_cores(std::thread::available_parallelism().map_or(1, usize::from).min(MOST_AT_ONCE))
    }
}

impl Passwords {
    fn with_cores(cores: usize) -> Self {
        let places = Semaphore::new(cores * (1 + WAITING_PER_CORE));
        Self { places: Arc::new(places), cores: Arc::new(Semaphore::new(cores)) }
    }

    /// Waits for a core, unless too many wait already.
    pub async fn turn(&self) -> Result<Turn, Error> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Error::Busy)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(Error::internal)?;
        Ok(Turn { _place: place, _core: core })
    }

    /// Hashes what somebody chose.
    pub async fn hash(&self, secret: &Secret) -> Result<String, Error> {
        self.turn().await?.hash(secret).await
    }
}

impl Turn {
    /// Hashes what somebody chose.
    pub async fn hash(self, secret: &Secret) -> Result<String, Error> {
        let secret = secret.clone();
        self.run(move || Ok(argon2id()?.hash_password(secret.as_bytes())?.to_string())).await
    }

    /// True where what was typed fits; where there is nothing to fit, false after the same time.
    pub async fn fits(self, secret: &Secret, hash: Option<String>) -> Result<bool, Error> {
        let secret = secret.clone();
        self.run(move || {
            let hash = PasswordHash::new(hash.as_deref().unwrap_or(NOBODY))?;
            Ok(argon2id()?.verify_password(secret.as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn run<T, F>(self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, argon2::password_hash::Error> + Send + 'static,
    {
        let done = tokio::task::spawn_blocking(move || {
            let _turn = self;
            work()
        });
        done.await.map_err(Error::internal)?.map_err(Error::internal)
    }
}

fn argon2id() -> Result<Argon2<'static>, argon2::Error> {
    let (memory, passes, lanes) = PARAMS;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(memory, passes, lanes, None)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::shown("password", text).unwrap()
    }

    #[tokio::test]
    async fn a_password_fits_its_hash_and_another_does_not() {
        let passwords = Passwords::default();
        let hash = passwords.hash(&secret("una clave larga")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let fits = |text: &'static str, hash: Option<String>| async {
            passwords.turn().await.unwrap().fits(&secret(text), hash).await.unwrap()
        };
        assert!(fits("una clave larga", Some(hash.clone())).await);
        assert!(!fits("otra clave larga", Some(hash)).await);
        assert!(!fits("", None).await);
    }

    #[test]
    fn checking_nobodys_password_costs_as_much_as_checking_somebodys() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let (memory, passes, lanes) = PARAMS;
        let params = Params::try_from(&nobody).unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (memory, passes, lanes));
        assert!(nobody.salt.is_some() && nobody.hash.is_some());
    }

    #[tokio::test]
    async fn whoever_finds_the_queue_full_is_told_so_at_once() {
        let passwords = Arc::new(Passwords::with_cores(1));
        let first = passwords.turn().await.unwrap();
        let waiting: Vec<_> = (0..WAITING_PER_CORE)
            .map(|_| {
                let passwords = Arc::clone(&passwords);
                tokio::spawn(async move { passwords.turn().await.map(|_| ()) })
            })
            .collect();
        while passwords.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(passwords.turn().await, Err(Error::Busy)));
        drop(first);
        for turn in waiting {
            assert!(turn.await.unwrap().is_ok());
        }
        assert!(passwords.turn().await.is_ok());
    }
}
