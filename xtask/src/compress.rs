//! Gzip and Brotli.

use std::io::{self, Read};

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::read::GzEncoder;

/// A content encoding that every browser of today accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// Gzip.
    Gzip,
    /// Brotli.
    Brotli,
}

/// How long compression may take.
#[derive(Clone, Copy, Debug)]
pub enum Effort {
    /// As a server does it for one reader.
    Quick,
    /// As a server of static files does it once for all.
    Best,
}

impl Encoding {
    /// The best encoding that an `Accept-Encoding` header allows.
    pub fn accepted(header: &str) -> Self {
        let allows = |name: &str| {
            header.split(',').any(|item| {
                let mut parts = item.split(';').map(str::trim);
                let refused = |weight: &str| weight.trim_start_matches("q=").parse() == Ok(0.0_f32);
                parts.next() == Some(name) && !parts.next().is_some_and(refused)
            })
        };
        match (allows("br"), allows("gzip")) {
            (true, _) => Self::Brotli,
            (false, true) => Self::Gzip,
            (false, false) => Self::Identity,
        }
    }

    /// The value of the `Content-Encoding` header, which the plain bytes do without.
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// `bytes` in this encoding, as small as it gets or, while a reader waits, quickly.
    pub fn encode(self, bytes: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
        let (level, quality) = match effort {
            Effort::Quick => (Compression::fast(), 4),
            Effort::Best => (Compression::best(), 11),
        };
        let mut out = Vec::new();
        match self {
            Self::Identity => out.extend_from_slice(bytes),
            Self::Gzip => {
                GzEncoder::new(bytes, level).read_to_end(&mut out)?;
            }
            Self::Brotli => {
                let params = BrotliEncoderParams { quality, size_hint: bytes.len(), ..Default::default() };
                brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::Encoding;

    #[test]
    fn the_best_accepted_encoding_wins() {
        assert_eq!(Encoding::accepted("gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(Encoding::accepted("gzip;q=0.8, br;q=0"), Encoding::Gzip);
        assert_eq!(Encoding::accepted("identity"), Encoding::Identity);
        assert_eq!(Encoding::accepted(""), Encoding::Identity);
    }
}
