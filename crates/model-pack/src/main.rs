//! Turns published networks into the compact weights files that the face engine reads:
//! `perse-model-pack face-api|onnx|tflite NETWORK INPUT OUTPUT`.

mod face_api;
mod onnx;
mod tflite;

use perse_weights::{Tensors, Writer};
use std::{error::Error, fs, path::Path, process::ExitCode};

const USAGE: &str = "usage: perse-model-pack face-api|onnx|tflite NETWORK INPUT OUTPUT";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [format, network, input, output] = &arguments[..] else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match pack(format, network, Path::new(input), Path::new(output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{input}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn pack(format: &str, network: &str, input: &Path, output: &Path) -> Result<(), Box<dyn Error>> {
    let mut writer = Writer::new(network);
    match format {
        "face-api" => face_api::pack(input, &mut writer)?,
        "onnx" => onnx::pack(&fs::read(input)?, &mut writer)?,
        "tflite" => tflite::pack(&fs::read(input)?, &mut writer)?,
        _ => return Err(USAGE.into()),
    }
    let file = writer.finish();
    Tensors::read(&file)?;
    // Written beside and renamed, so that an interrupted run leaves no half file under the name.
    let partial = output.with_extension("part");
    fs::write(&partial, &file)?;
    fs::rename(&partial, output)?;
    println!("{}: {} bytes", output.display(), file.len());
    Ok(())
}

/// Moves the axis of output channels, the first of `shape`, to the end.
fn channels_last(values: &[f32], shape: &[usize]) -> Vec<f32> {
    let outputs = shape.first().copied().unwrap_or(1);
    let inner = values.len() / outputs.max(1);
    (0..inner).flat_map(|i| (0..outputs).map(move |output| values[output * inner + i])).collect()
}

#[cfg(test)]
mod tests {
    use super::channels_last;

    #[test]
    fn output_channels_become_the_last_axis() {
        assert_eq!(channels_last(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[2, 3]), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    }
}
