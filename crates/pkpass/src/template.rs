use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Cursor;
use std::sync::Arc;

use aws_lc_rs::digest;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::{Error, ImageKind, Images, Language, Scale, Strings, image};

/// The files that all passes of a design share: its images and its texts, each hashed and compressed once.
///
/// A clone shares them all, and so do [`Template::with_image`], which takes one image for another, and
/// [`Template::with_strings`]: make one template per design, from it one per number of stamps, and from that one per pass
/// where passes have texts of their own.
#[derive(Clone)]
pub struct Template(Arc<Inner>);

struct Inner {
    parts: BTreeMap<String, Arc<Part>>,
    // The manifest up to the hash of `pass.json`, which is all that differs between two passes.
    manifest_head: String,
    // What all parts take in an archive.
    size: usize,
}

/// One file, as a finished archive of its own: the `zip` crate merges archives by copying.
struct Part {
    sha1: String,
    size: usize,
    archive: ZipArchive<Cursor<Arc<[u8]>>>,
}

impl Template {
    /// Prepares the files of a design. An icon at one scale at least must be among them.
    pub fn new(images: &Images, strings: &Strings) -> Result<Self, Error> {
        let mut parts = BTreeMap::new();
        for (kind, scale, png) in images.iter() {
            let path = kind.file_name(scale);
            parts.insert(path.clone(), Arc::new(Part::new(&path, png)?));
        }
        add_texts(&mut parts, strings)?;
        let template = Self::of(parts);
        if template.has(ImageKind::Icon) { Ok(template) } else { Err(Error::ImageMissing(ImageKind::Icon)) }
    }

    /// The same template with one image more, or with another image for one it has. The other files are shared.
    pub fn with_image(&self, kind: ImageKind, scale: Scale, png: &[u8]) -> Result<Self, Error> {
        image::check(kind, scale, png)?;
        let path = kind.file_name(scale);
        let part = Arc::new(Part::new(&path, png)?);
        let mut parts = self.0.parts.clone();
        parts.insert(path, part);
        Ok(Self::of(parts))
    }

    /// The same template with these texts in place of all that it has: texts that one pass has alone, such as those with
    /// numbers. The images are shared.
    pub fn with_strings(&self, strings: &Strings) -> Result<Self, Error> {
        let mut parts = self.0.parts.clone();
        for language in Language::ALL {
            parts.remove(&language.strings_path());
        }
        add_texts(&mut parts, strings)?;
        Ok(Self::of(parts))
    }

    /// Whether it has an image of a kind, at any scale.
    pub fn has(&self, kind: ImageKind) -> bool {
        Scale::ALL.iter().any(|scale| self.0.parts.contains_key(&kind.file_name(*scale)))
    }

    /// A digest of all files: two templates with the same make the same passes.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut fingerprint = [0; 32];
        fingerprint
            .copy_from_slice(digest::digest(&digest::SHA256, self.0.manifest_head.as_bytes()).as_ref());
        fingerprint
    }

    fn of(parts: BTreeMap<String, Arc<Part>>) -> Self {
        let mut manifest_head = String::from("{");
        for (path, part) in &parts {
            // Paths are ours and need no escaping. A String takes whatever is written to it.
            let _ = write!(manifest_head, "\"{path}\":\"{}\",", part.sha1);
        }
        manifest_head.push_str("\"pass.json\":\"");
        let size = parts.values().map(|part| part.size).sum();
        Self(Arc::new(Inner { parts, manifest_head, size }))
    }

    /// The manifest of a pass of this template.
    pub(crate) fn manifest(&self, pass_json: &[u8]) -> Vec<u8> {
        let head = &self.0.manifest_head;
        let mut manifest = String::with_capacity(head.len() + 42);
        manifest.push_str(head);
        push_sha1(&mut manifest, pass_json);
        manifest.push_str("\"}");
        manifest.into_bytes()
    }

    /// Copies the prepared files into an archive.
    pub(crate) fn copy_into(&self, archive: &mut ZipWriter<Cursor<Vec<u8>>>) -> Result<(), Error> {
        for part in self.0.parts.values() {
            archive.merge_archive(part.archive.clone()).map_err(packing)?;
        }
        Ok(())
    }

    /// The bytes that [`Template::copy_into`] writes, or a few more.
    pub(crate) fn size(&self) -> usize {
        self.0.size
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.parts.keys()).finish()
    }
}

impl Part {
    fn new(path: &str, content: &[u8]) -> Result<Self, Error> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = options(CompressionMethod::Deflated).compression_level(Some(9));
        write(&mut writer, path, options, content)?;
        let bytes: Arc<[u8]> = writer.finish().map_err(packing)?.into_inner().into();
        let size = bytes.len();
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(packing)?;
        let mut sha1 = String::with_capacity(40);
        push_sha1(&mut sha1, content);
        Ok(Self { sha1, size, archive })
    }
}

fn add_texts(parts: &mut BTreeMap<String, Arc<Part>>, strings: &Strings) -> Result<(), Error> {
    for (language, file) in strings.files() {
        let path = language.strings_path();
        parts.insert(path.clone(), Arc::new(Part::new(&path, &file)?));
    }
    Ok(())
}

/// How every file is written: with one date for all, so that the same pass is the same bytes.
pub(crate) fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(DateTime::DEFAULT)
        .system(zip::System::Unix)
        .unix_permissions(0o644)
}

pub(crate) fn write(
    writer: &mut ZipWriter<Cursor<Vec<u8>>>,
    path: &str,
    options: SimpleFileOptions,
    content: &[u8],
) -> Result<(), Error> {
    writer.start_file(path, options).map_err(packing)?;
    std::io::Write::write_all(writer, content).map_err(packing)
}

pub(crate) fn packing(error: impl std::fmt::Display) -> Error {
    Error::Packing(error.to_string())
}

/// Appends the SHA-1 of some bytes in lower-case hexadecimal, as the manifest has it.
pub(crate) fn push_sha1(text: &mut String, content: &[u8]) {
    for byte in digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, content).as_ref() {
        let _ = write!(text, "{byte:02x}");
    }
}
