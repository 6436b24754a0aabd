//! SVG: what is not a drawing alone is refused, and the drawing becomes dots.
//!
//! Refused, not left out: whoever uploads a logo should not find half of it on her cards. So scripts, references to
//! other files, letters without outlines, images inside the drawing and movements each have their own answer.

use std::collections::HashMap;

use resvg::usvg::roxmltree::{Document, Error, Node, NodeId, ParsingOptions};
use resvg::usvg::{ImageHrefResolver, Options, Tree};
use tiny_skia::{Pixmap, Transform};

use super::effort::effort;
use super::{KEPT_DOTS, LogoError};

const SVG: &str = "http://www.w3.org/2000/svg";
/// Elements, texts and comments of one file.
const MOST_NODES: u32 = 20_000;
/// How deep elements stand in each other, references included.
const DEEPEST: usize = 100;
/// Bytes of a file with every copy written out.
const MOST_EXPANDED: usize = 8 * super::MOST_BYTES;
/// Bytes of style rules; each is tried on each element.
const MOST_STYLE: usize = 32 * 1024;
/// Work of a drawing, in fillings of its whole sheet.
const MOST_EFFORT: f64 = 200.0;

/// The text of a file that may be an SVG.
pub(super) fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim_start();
    let is_drawing = text.starts_with('<') && (text.contains("<svg") || text.contains(":svg"));
    is_drawing.then_some(text)
}

/// The dots of a drawing, as many as are kept of a logo.
pub(super) fn read(text: &str) -> Result<Pixmap, LogoError> {
    // Entities multiply; no program of today writes them.
    if text.contains("<!ENTITY") {
        return Err(LogoError::TooComplex);
    }
    let parsing = ParsingOptions { allow_dtd: true, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, parsing).map_err(|error| match error {
        Error::NodesLimitReached => LogoError::TooComplex,
        _ => LogoError::Broken,
    })?;
    if !document.root_element().has_tag_name((SVG, "svg")) {
        return Err(LogoError::NotAnImage);
    }
    check(&document)?;
    // Nothing that the checks may have missed is loaded from anywhere.
    let nowhere =
        ImageHrefResolver { resolve_data: Box::new(|_, _, _| None), resolve_string: Box::new(|_, _| None) };
    let options = Options { image_href_resolver: nowhere, ..Options::default() };
    let tree = Tree::from_xmltree(&document, &options).map_err(|_| LogoError::Broken)?;
    draw(&tree)
}

/// What can be seen of the drawing, its longer side as long as a logo's may be.
fn draw(tree: &Tree) -> Result<Pixmap, LogoError> {
    let drawn = tree.root().abs_stroke_bounding_box();
    let (left, top) = (drawn.left().max(0.0), drawn.top().max(0.0));
    let width = drawn.right().min(tree.size().width()) - left;
    let height = drawn.bottom().min(tree.size().height()) - top;
    if !(width > 0.0 && height > 0.0) {
        return Err(LogoError::Blank);
    }
    if effort(tree, (width, height)) > MOST_EFFORT {
        return Err(LogoError::TooComplex);
    }
    let scale = KEPT_DOTS as f32 / width.max(height);
    let side = |length: f32| ((length * scale).ceil() as u32).clamp(1, KEPT_DOTS);
    let mut dots = Pixmap::new(side(width), side(height)).ok_or(LogoError::Broken)?;
    let place = Transform::from_translate(-left, -top).post_scale(scale, scale);
    resvg::render(tree, place, &mut dots.as_mut());
    Ok(dots)
}

fn check(document: &Document<'_>) -> Result<(), LogoError> {
    let mut style = 0;
    for node in document.descendants() {
        if node.is_pi() {
            return Err(LogoError::RefersOutside);
        }
        if node.ancestors().take(DEEPEST + 1).count() > DEEPEST {
            return Err(LogoError::TooComplex);
        }
        if node.is_element() && node.tag_name().namespace() == Some(SVG) {
            check_element(node)?;
            if node.has_tag_name((SVG, "style")) {
                style += node.children().filter_map(|text| text.text()).map(str::len).sum::<usize>();
            }
        }
    }
    if style > MOST_STYLE {
        return Err(LogoError::TooComplex);
    }
    Expanded::of(document)
}

fn check_element(node: Node<'_, '_>) -> Result<(), LogoError> {
    let href = node.attributes().find(|attribute| attribute.name() == "href").map(|href| href.value().trim());
    match node.tag_name().name() {
        "script" | "foreignObject" => return Err(LogoError::Scripted),
        "animate" | "animateMotion" | "animateTransform" | "animateColor" | "set" => {
            return Err(LogoError::Animated);
        }
        "image" | "feImage" if href.is_some_and(|href| href.starts_with("data:")) => {
            return Err(LogoError::HasPicture);
        }
        "text" if node.descendants().any(|part| part.text().is_some_and(|text| !text.trim().is_empty())) => {
            return Err(LogoError::HasText);
        }
        // Their work cannot be told from the outside: a small one can take hours, or all memory there is.
        "filter" | "pattern" | "marker" => return Err(LogoError::TooComplex),
        "style" if node.children().filter_map(|text| text.text()).any(loads) => {
            return Err(LogoError::RefersOutside);
        }
        // Where a click would lead does not matter to a picture.
        "a" => {}
        _ if href.is_some_and(|href| !href.is_empty() && !href.starts_with('#')) => {
            return Err(LogoError::RefersOutside);
        }
        _ => {}
    }
    for attribute in node.attributes() {
        if attribute.namespace().is_none() && attribute.name().starts_with("on") {
            return Err(LogoError::Scripted);
        }
        if loads(attribute.value()) {
            return Err(LogoError::RefersOutside);
        }
    }
    Ok(())
}

/// True for style that loads something.
fn loads(style: &str) -> bool {
    let mut addresses = style.split("url(").skip(1);
    let is_outside =
        |address: &str| !address.trim_start_matches([' ', '\t', '\r', '\n', '"', '\'']).starts_with('#');
    style.contains("@import") || addresses.any(is_outside)
}

/// How long a drawing is with every copy of a part written out: copies of copies grow beyond all measure.
struct Expanded<'a, 'input> {
    named: HashMap<&'a str, Node<'a, 'input>>,
    /// Nothing while a part is being measured: a part that holds itself is not drawn.
    lengths: HashMap<NodeId, Option<usize>>,
}

impl<'a, 'input> Expanded<'a, 'input> {
    fn of(document: &'a Document<'input>) -> Result<(), LogoError> {
        let named = document.descendants().filter_map(|node| Some((node.attribute("id")?, node))).collect();
        let mut expanded = Self { named, lengths: HashMap::new() };
        let length = expanded.length(document.root_element(), 0)?;
        if length > MOST_EXPANDED { Err(LogoError::TooComplex) } else { Ok(()) }
    }

    fn length(&mut self, node: Node<'a, 'input>, depth: usize) -> Result<usize, LogoError> {
        if let Some(known) = self.lengths.get(&node.id()) {
            return Ok(known.unwrap_or(0));
        }
        if depth > 4 * DEEPEST {
            return Err(LogoError::TooComplex);
        }
        self.lengths.insert(node.id(), None);
        let mut length: usize = node.attributes().map(|attribute| attribute.value().len() + 8).sum();
        length += 8 + node.text().map_or(0, str::len);
        for child in node.children().filter(Node::is_element) {
            length = length.saturating_add(self.length(child, depth + 1)?);
        }
        for name in node.attributes().flat_map(|attribute| references(attribute.value())) {
            if let Some(part) = self.named.get(name).copied() {
                length = length.saturating_add(self.length(part, depth + 1)?);
            }
        }
        self.lengths.insert(node.id(), Some(length));
        Ok(length)
    }
}

/// The names of the parts that a value refers to: `#leaf`, or `url(#leaf)` once or more.
fn references(value: &str) -> impl Iterator<Item = &str> {
    value.split('#').skip(1).map(|rest| {
        let end = rest.find([')', '"', '\'', ' ', ';']).unwrap_or(rest.len());
        &rest[..end]
    })
}
