//! Files of other programs, told by their first bytes or their names: what is opened by mistake says what helps.

use serde_json::Value;

use crate::Error;

/// What belongs in the place of a model of another program.
const WANTED: &str = "an experiment file or numbers; docs/from_pytorch.py writes one of a PyTorch model, \
                      docs/experiment-file.md says how";

/// So much of a file shows what it is.
const HEAD: usize = 400;

/// Kinds of files by what stands near their beginning, read as UTF-8.
const KINDS: [(&str, &str); 6] = [
    ("PK\u{3}\u{4}", "a zip archive, as PyTorch (.pt, .pth), Keras (.keras) and NumPy (.npz) save models"),
    ("HDF\r\n", "HDF5, as Keras saves models (.h5)"),
    ("NUMPY", "an array of NumPy (.npy)"),
    ("\"dtype\"", "safetensors"),
    ("ONNX", "ONNX"),
    ("pytorch", "ONNX, as PyTorch exports it"),
];

/// Refuses what is no text.
///
/// # Errors
/// Names the kind of file, where it is known.
pub fn check_text(text: &str) -> Result<(), Error> {
    let head: String = text.chars().take(HEAD).collect();
    let zip = head.starts_with("PK\u{3}\u{4}");
    if !zip && !head.contains('\0') && !head.contains(char::REPLACEMENT_CHARACTER) {
        return Ok(());
    }
    let known = KINDS.iter().find(|(mark, _)| head.contains(mark));
    Err(Error::at("file", WANTED, known.map_or("bytes that are no text", |(_, kind)| kind)))
}

/// Refuses the weights of another program as JSON.
///
/// # Errors
/// Names a key that shows it.
pub fn check_document(document: &Value) -> Result<(), Error> {
    match weights(document, 0) {
        Some(key) if document.get("format").is_none() => {
            Err(Error::at("file", WANTED, format!("the weights of another program: \"{key}\"")))
        }
        _ => Ok(()),
    }
}

/// A key by which PyTorch or Keras calls recurrent weights.
fn weights(value: &Value, depth: usize) -> Option<&str> {
    let fields = value.as_object().filter(|_| depth < 4)?;
    let named =
        |key: &&String| ["weight_ih_l", "weight_hh_l", "recurrent_kernel"].iter().any(|of| key.contains(of));
    let key = fields.keys().find(named).map(String::as_str);
    key.or_else(|| fields.values().find_map(|value| weights(value, depth + 1)))
}
