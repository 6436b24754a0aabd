//! Where pictures and made passes lie: a folder, or a bucket that speaks S3. What lies there can be made again, but for
//! the shops' logos.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};

/// The store of one deployment.
#[derive(Clone)]
pub struct Objects(Arc<dyn ObjectStore>);

impl Objects {
    /// A folder (made if it is not there), or `s3://bucket/prefix?endpoint=…&region=…` with the secrets in the environment
    /// (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, …). What stands behind the `?` wins over the environment.
    pub fn open(setting: &str) -> anyhow::Result<Self> {
        let Some(place) = setting.strip_prefix("s3://") else {
            std::fs::create_dir_all(setting)?;
            return Ok(Self(Arc::new(LocalFileSystem::new_with_prefix(setting)?)));
        };
        let (place, options) = place.split_once('?').unwrap_or((place, ""));
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
        for (name, value) in form_urlencoded::parse(options.as_bytes()) {
            builder = builder.with_config(name.parse()?, value);
        }
        Ok(Self(Arc::new(PrefixStore::new(builder.build()?, prefix))))
    }

    /// What lies under a name, if anything does.
    pub async fn get(&self, name: &str) -> Result<Option<Bytes>, object_store::Error> {
        match self.0.get(&Path::from(name)).await {
            Ok(found) => found.bytes().await.map(Some),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts something under a name, whole or not at all.
    pub async fn put(&self, name: &str, bytes: Bytes) -> Result<(), object_store::Error> {
        self.0.put(&Path::from(name), bytes.into()).await.map(|_| ())
    }

    /// Deletes what was put under a prefix before a moment; returns how much that was.
    pub async fn purge(&self, prefix: &str, before: DateTime<Utc>) -> Result<usize, object_store::Error> {
        let prefix = Path::from(prefix);
        let mut found = self.0.list(Some(&prefix));
        let mut old = Vec::new();
        while let Some(object) = found.try_next().await? {
            if object.last_modified < before {
                old.push(object.location);
            }
        }
        drop(found);
        for location in &old {
            match self.0.delete(location).await {
                // Another replica was faster.
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(old.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_put_is_there_until_it_is_purged() {
        let folder = std::env::temp_dir().join(format!("sello-objects-{}", uuid::Uuid::now_v7()));
        let objects = Objects::open(folder.to_str().unwrap()).unwrap();
        assert_eq!(objects.get("pass/a").await.unwrap(), None);
        objects.put("pass/a", Bytes::from_static(b"1")).await.unwrap();
        objects.put("logo/a", Bytes::from_static(b"2")).await.unwrap();
        assert_eq!(objects.purge("pass", Utc::now() - chrono::Duration::hours(1)).await.unwrap(), 0);
        assert_eq!(objects.get("pass/a").await.unwrap().as_deref(), Some(&b"1"[..]));
        assert_eq!(objects.purge("pass", Utc::now() + chrono::Duration::hours(1)).await.unwrap(), 1);
        assert_eq!(objects.get("pass/a").await.unwrap(), None);
        assert!(objects.get("logo/a").await.unwrap().is_some());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
