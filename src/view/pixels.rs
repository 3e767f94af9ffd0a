//! Pixels in memory: what the browser shows without another copy.

use super::paint::{Block, Painter, Run, device_size, paint};
use super::{Figure, Layout, Rgb, Viewport, theme};

/// Opaque RGBA pixels in device resolution, kept between frames so that nothing is allocated anew.
#[derive(Clone, Debug, Default)]
pub struct Raster {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
    /// What the background was laid for. Every band that changes with the cursor is painted whole, so an
    /// unchanged arrangement needs no new background.
    ground: Option<(Layout, f64, bool)>,
}

impl Raster {
    /// An empty raster.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Width in device pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in device pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Red, green, blue, alpha of each pixel, line by line.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The colour of a pixel.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> Option<Rgb> {
        let inside = x < self.width && y < self.height;
        match self.pixels.get(self.offset(x, y)..)? {
            [red, green, blue, ..] if inside => Some(Rgb(*red, *green, *blue)),
            _ => None,
        }
    }

    /// Paints a figure; the chart's band stays empty.
    pub fn paint(&mut self, figure: &Figure, layout: &Layout, viewport: Viewport) {
        let kept = self.ground.as_ref().is_some_and(|(known, scale, dark)| {
            scale.to_bits() == viewport.scale.to_bits() && *dark == viewport.dark && known == layout
        });
        if !kept {
            self.clear(device_size(layout, viewport.scale), theme(viewport.dark).paper);
            self.ground = Some((layout.clone(), viewport.scale, viewport.dark));
        }
        paint(self, figure, layout, viewport);
    }

    /// Begins a new picture on an empty ground.
    pub(super) fn clear(&mut self, (width, height): (u32, u32), paper: Rgb) {
        (self.width, self.height) = (width, height);
        self.pixels.resize(self.offset(0, height), 0);
        self.fill(Block { x: 0, y: 0, width, height }, paper);
        self.ground = None;
    }

    fn offset(&self, x: u32, y: u32) -> usize {
        4 * (y as usize * self.width as usize + x as usize)
    }

    /// The part of a block that is on the raster.
    fn clip(&self, block: Block) -> Block {
        let (x, y) = (block.x.min(self.width), block.y.min(self.height));
        Block { x, y, width: block.width.min(self.width - x), height: block.height.min(self.height - y) }
    }

    fn line(&mut self, x: u32, y: u32, width: u32, colour: Rgb) {
        let start = self.offset(x, y);
        let pixel = [colour.0, colour.1, colour.2, u8::MAX];
        unrolled_kernels::fill(&mut self.pixels[start..start + 4 * width as usize], pixel);
    }

    /// Repeats the first line of a block on its other lines.
    fn repeat(&mut self, block: Block) {
        let start = self.offset(block.x, block.y);
        let source = start..start + 4 * block.width as usize;
        for y in block.y + 1..block.y + block.height {
            let target = self.offset(block.x, y);
            self.pixels.copy_within(source.clone(), target);
        }
    }
}

impl Painter for Raster {
    fn fill(&mut self, block: Block, colour: Rgb) {
        let block = self.clip(block);
        if block.width > 0 && block.height > 0 {
            self.line(block.x, block.y, block.width, colour);
            self.repeat(block);
        }
    }

    fn runs(&mut self, block: Block, background: Rgb, runs: &[Run]) {
        let block = self.clip(block);
        if block.width == 0 || block.height == 0 {
            return;
        }
        self.line(block.x, block.y, block.width, background);
        for &(x, width, colour) in runs {
            let run = self.clip(Block { x, width, ..block });
            self.line(run.x, run.y, run.width, colour);
        }
        self.repeat(block);
    }
}
