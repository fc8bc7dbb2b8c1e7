//! Image types by their signature, not by name or MIME type.

/// An image type that the first bytes of a file identify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageType {
    /// JPEG, accepted by the API.
    Jpeg,
    /// PNG, accepted by the API.
    Png,
    /// WebP, accepted by the API.
    WebP,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF.
    Tiff,
    /// AVIF.
    Avif,
    /// HEIC or HEIF, an iPhone's own format.
    Heic,
}

impl ImageType {
    /// Number of leading bytes of a file that [`sniff`](Self::sniff) reads.
    pub const SIGNATURE_BYTES: usize = 64;

    /// The type of a file by its first [`SIGNATURE_BYTES`](Self::SIGNATURE_BYTES) bytes; `None` if
    /// it is none of these.
    ///
    /// Signatures: JPEG (ISO/IEC 10918-1 SOI + marker), PNG (ISO/IEC 15948 §5.2), RIFF/WEBP
    /// (RFC 9649), GIF89a, BMP, TIFF 6.0, ISO-BMFF `ftyp` brands (ISO/IEC 23008-12, AVIF 1.1).
    #[must_use]
    pub fn sniff(head: &[u8]) -> Option<Self> {
        match head {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'B', b'M', ..] => Some(Self::Bmp),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(Self::Tiff),
            [a, b, c, d, b'f', b't', b'y', b'p', ..] => {
                let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
                let length = length.min(Self::SIGNATURE_BYTES).min(head.len());
                Self::of_brands(head.get(8..length)?.as_chunks().0)
            }
            _ => None,
        }
    }

    /// By the major brand, which its version and the compatible ones follow. `mif1` and `msf1` name
    /// the container only: which codec it is, the first of the others says.
    fn of_brands(brands: &[[u8; 4]]) -> Option<Self> {
        let of_brand = |brand: &[u8; 4]| match brand {
            b"avif" | b"avis" => Some(Self::Avif),
            b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" => Some(Self::Heic),
            _ => None,
        };
        let major = brands.first()?;
        if matches!(major, b"mif1" | b"msf1") {
            let codec = brands.iter().skip(2).find_map(of_brand);
            return codec.or(Some(Self::Heic));
        }
        of_brand(major)
    }

    /// Returns whether the API accepts images of this type.
    #[must_use]
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::WebP)
    }

    /// Its MIME type.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
            Self::Tiff => "image/tiff",
            Self::Avif => "image/avif",
            Self::Heic => "image/heic",
        }
    }

    /// The name that a person knows it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Avif => "AVIF",
            Self::Heic => "HEIC",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ImageType;

    #[test]
    fn tells_each_type_by_its_first_bytes() {
        let cases: [(&[u8], Option<ImageType>); 16] = [
            (b"\xFF\xD8\xFF\xE0\0\x10JFIF", Some(ImageType::Jpeg)),
            (b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR", Some(ImageType::Png)),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some(ImageType::WebP)),
            (b"RIFF\x24\0\0\0WAVEfmt ", None),
            (b"GIF89a\x01\0", Some(ImageType::Gif)),
            (b"BM\x46\0\0\0", Some(ImageType::Bmp)),
            (b"II*\0\x08\0\0\0", Some(ImageType::Tiff)),
            (b"\0\0\0\x20ftypavif", Some(ImageType::Avif)),
            (b"\0\0\0\x18ftypheic", Some(ImageType::Heic)),
            (b"\0\0\0\x1Cftypmif1\0\0\0\0mif1miafavif", Some(ImageType::Avif)),
            (b"\0\0\0\x1Cftypmsf1\0\0\0\0mif1heixavif", Some(ImageType::Heic)),
            // Behind the box.
            (b"\0\0\0\x14ftypmif1\0\0\0\0mif1avif", Some(ImageType::Heic)),
            (b"\0\0\0\x18ftypisom\0\0\0\0avif", None),
            (b"\0\0\0\x18ftypisom", None),
            (b"%PDF-1.7", None),
            (b"", None),
        ];
        for (head, expected) in cases {
            assert_eq!(ImageType::sniff(head), expected, "{head:?}");
        }
    }

    #[test]
    fn a_signature_cut_short_is_no_image() {
        for length in 0..3 {
            assert_eq!(ImageType::sniff(&b"\xFF\xD8\xFF"[..length]), None);
        }
        assert_eq!(ImageType::sniff(b"\0\0\0\x18ftyp"), None);
    }
}
