use std::io::Cursor;

use chrono::{DateTime, Utc};
use zip::{CompressionMethod, ZipWriter};

use crate::template::{options, packing, write};
use crate::{Error, ImageKind, Pass, Signer, Template};

/// Most passes of a bundle.
const BUNDLE_PASSES: usize = 10;
/// Most bytes of a bundle.
const BUNDLE_BYTES: u64 = 150 * 1_000 * 1_000;

impl Pass {
    /// Makes the `.pkpass`: writes `pass.json` and the manifest, signs it, and packs it with the template's files.
    ///
    /// With an RSA key the same pass, template and time give the same bytes; signatures with an elliptic curve differ
    /// every time.
    pub fn sign(&self, template: &Template, signer: &Signer, now: DateTime<Utc>) -> Result<Vec<u8>, Error> {
        if self.has_poster() && !template.has(ImageKind::Artwork) {
            return Err(Error::ImageMissing(ImageKind::Artwork));
        }
        let json = self.json(signer.pass_type(), signer.team())?;
        let manifest = template.manifest(&json);
        let signature = signer.sign(&manifest, now)?;

        // The few kilobytes that differ are stored as they are: to deflate them for every pass would save little.
        let stored = options(CompressionMethod::Stored);
        let size = template.size() + json.len() + manifest.len() + signature.len() + 1_024;
        let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(size)));
        write(&mut archive, "pass.json", stored, &json)?;
        write(&mut archive, "manifest.json", stored, &manifest)?;
        write(&mut archive, "signature", stored, &signature)?;
        template.copy_into(&mut archive)?;
        Ok(archive.finish().map_err(packing)?.into_inner())
    }
}

/// Packs several `.pkpass` into one `.pkpasses`, which Wallet adds in one go: at most 10 passes and 150 MB.
pub fn bundle<'a>(passes: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, Error> {
    let passes: Vec<&[u8]> = passes.into_iter().collect();
    if passes.is_empty() || passes.len() > BUNDLE_PASSES {
        return Err(Error::BundleCount(passes.len()));
    }
    let size: u64 = passes.iter().map(|pass| pass.len() as u64).sum();
    if size > BUNDLE_BYTES {
        return Err(Error::BundleSize(size));
    }
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (index, pass) in passes.iter().enumerate() {
        // A pass is compressed already.
        write(&mut archive, &format!("{}.pkpass", index + 1), options(CompressionMethod::Stored), pass)?;
    }
    Ok(archive.finish().map_err(packing)?.into_inner())
}
