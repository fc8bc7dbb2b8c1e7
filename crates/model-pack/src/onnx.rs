//! The convolutions of an ONNX network, numbered in the order in which they run: `conv0`, `conv1`, …,
//! `depthwise0`, …, and the slopes `prelu0`, ….

use crate::channels_last;
use perse_weights::Writer;
use rten_onnx::onnx::{DataType, ModelProto, NodeProto, TensorProto};
use std::{collections::HashMap, error::Error};

/// Packs all convolutions and slopes.
pub(crate) fn pack(file: &[u8], writer: &mut Writer) -> Result<(), Box<dyn Error>> {
    let graph = ModelProto::parse_buf(file)?.graph.ok_or("the model has no graph")?;
    let tensors: HashMap<&str, &TensorProto> =
        graph.initializer.iter().filter_map(|tensor| Some((tensor.name.as_deref()?, tensor))).collect();
    let input = |node: &NodeProto, index: usize| -> Result<(Vec<usize>, Vec<f32>), Box<dyn Error>> {
        let name = node.input.get(index).ok_or("an operator lacks an input")?;
        let tensor = tensors.get(name.as_str()).ok_or_else(|| format!("{name} is not in the file"))?;
        floats(tensor).ok_or_else(|| format!("{name} is not made of 32-bit floats").into())
    };
    let (mut dense, mut depthwise, mut slopes) = (0, 0, 0);
    for node in &graph.node {
        match node.op_type.as_deref() {
            Some("Conv") => {
                let (shape, filters) = input(node, 1)?;
                let (_, bias) = input(node, 2)?;
                let [outputs, inputs, height, width] = shape[..] else {
                    return Err("a convolution is not two-dimensional".into());
                };
                let name = if inputs == 1 && outputs > 1 {
                    depthwise += 1;
                    let name = format!("depthwise{}", depthwise - 1);
                    let values = channels_last(&filters, &shape);
                    writer.per_channel(&format!("{name}/filters"), &[height, width, outputs], &values);
                    name
                } else {
                    dense += 1;
                    let name = format!("conv{}", dense - 1);
                    let values = spatial_first(&channels_last(&filters, &shape), inputs, height * width);
                    writer.per_channel(
                        &format!("{name}/filters"),
                        &[height, width, inputs, outputs],
                        &values,
                    );
                    name
                };
                writer.exact(&format!("{name}/bias"), &[outputs], &bias);
            }
            Some("PRelu") => {
                let (_, values) = input(node, 1)?;
                writer.exact(&format!("prelu{slopes}"), &[values.len()], &values);
                slopes += 1;
            }
            _ => {}
        }
    }
    Ok(())
}

fn floats(tensor: &TensorProto) -> Option<(Vec<usize>, Vec<f32>)> {
    if tensor.data_type != Some(DataType::FLOAT) {
        return None;
    }
    let shape = tensor.dims.iter().map(|&side| usize::try_from(side).ok()).collect::<Option<Vec<_>>>()?;
    let values = match &tensor.raw_data {
        Some(bytes) => bytes.borrow().as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect(),
        None => tensor.float_data.clone(),
    };
    (shape.iter().product::<usize>() == values.len()).then_some((shape, values))
}

/// Reorders inputs × taps × outputs to taps × inputs × outputs.
fn spatial_first(values: &[f32], inputs: usize, taps: usize) -> Vec<f32> {
    let outputs = values.len() / (inputs * taps);
    let row = |tap: usize, input: usize| &values[(input * taps + tap) * outputs..][..outputs];
    (0..taps).flat_map(|tap| (0..inputs).flat_map(move |input| row(tap, input).iter().copied())).collect()
}

#[cfg(test)]
mod tests {
    use super::spatial_first;

    #[test]
    fn taps_come_before_inputs() {
        // Two inputs, three taps, one output.
        assert_eq!(spatial_first(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    }
}
