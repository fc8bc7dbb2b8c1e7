//! The convolutions of a TensorFlow Lite network, numbered in the order in which they run: `conv0`,
//! `conv1`, … and `depthwise0`, ….

use crate::channels_last;
use flatbuffers::{
    Follow, ForwardsUOffset, InvalidFlatbuffer, Table, VOffsetT, Vector, Verifiable, Verifier, root,
};
use half::f16;
use perse_weights::Writer;
use std::{collections::HashMap, error::Error};

/// Declares a table of the published schema with the fields that are read here: name, index, type.
macro_rules! table {
    ($name:ident<$life:lifetime> { $($field:ident: $index:literal => $type:ty,)* }) => {
        #[derive(Clone, Copy)]
        struct $name<$life>(Table<$life>);

        impl<$life> Follow<$life> for $name<$life> {
            type Inner = Self;
            unsafe fn follow(buffer: &$life [u8], at: usize) -> Self {
                // SAFETY: the caller vouches for a table at this place.
                Self(unsafe { Table::new(buffer, at) })
            }
        }

        impl<$life> Verifiable for $name<$life> {
            fn run_verifier(verifier: &mut Verifier<'_, '_>, at: usize) -> Result<(), InvalidFlatbuffer> {
                let table = verifier.visit_table(at)?;
                $(let table = table.visit_field::<$type>(stringify!($field), slot($index), false)?;)*
                table.finish();
                Ok(())
            }
        }

        impl<$life> $name<$life> {
            $(
                fn $field(&self) -> Option<<$type as Follow<$life>>::Inner> {
                    // SAFETY: `root` checked that the field has this type before it returned the table.
                    unsafe { self.0.get::<$type>(slot($index), None) }
                }
            )*
        }
    };
}

/// Converts the index of a field to its offset in a table's directory.
const fn slot(index: VOffsetT) -> VOffsetT {
    4 + 2 * index
}

type Tables<'a, T> = ForwardsUOffset<Vector<'a, ForwardsUOffset<T>>>;

table!(Model<'a> {
    operator_codes: 1 => Tables<'a, OperatorCode<'a>>,
    subgraphs: 2 => Tables<'a, SubGraph<'a>>,
    buffers: 4 => Tables<'a, Buffer<'a>>,
});
table!(OperatorCode<'a> {
    deprecated_code: 0 => i8,
    code: 3 => i32,
});
table!(SubGraph<'a> {
    tensors: 0 => Tables<'a, Tensor<'a>>,
    operators: 3 => Tables<'a, Operator<'a>>,
});
table!(Tensor<'a> {
    shape: 0 => ForwardsUOffset<Vector<'a, i32>>,
    kind: 1 => i8,
    buffer: 2 => u32,
});
table!(Operator<'a> {
    code_index: 0 => u32,
    inputs: 1 => ForwardsUOffset<Vector<'a, i32>>,
    outputs: 2 => ForwardsUOffset<Vector<'a, i32>>,
});
table!(Buffer<'a> {
    data: 0 => ForwardsUOffset<Vector<'a, u8>>,
});

// Numbers of the published schema.
const CONV_2D: i32 = 3;
const DEPTHWISE_CONV_2D: i32 = 4;
const DEQUANTIZE: i32 = 6;
const FLOAT16: i8 = 1;

/// Packs all convolutions.
pub(crate) fn pack(file: &[u8], writer: &mut Writer) -> Result<(), Box<dyn Error>> {
    let model = root::<Model<'_>>(file)?;
    let graph = model.subgraphs().and_then(|graphs| graphs.iter().next()).ok_or("there is no graph")?;
    let tensors = graph.tensors().ok_or("there are no tensors")?;
    let buffers = model.buffers().ok_or("there are no buffers")?;
    let codes: Vec<i32> =
        model.operator_codes().ok_or("there are no operator codes")?.iter().map(code).collect();
    let operators: Vec<Operator<'_>> = graph.operators().ok_or("there are no operators")?.iter().collect();

    // Weights are stored as halves; an operator of its own widens each before it is used.
    let mut widened = HashMap::new();
    for operator in operators.iter().filter(|operator| kind(operator, &codes) == DEQUANTIZE) {
        widened.insert(index(operator.outputs(), 0)?, index(operator.inputs(), 0)?);
    }
    let values = |operator: &Operator<'_>, input: usize| -> Result<(Vec<usize>, Vec<f32>), Box<dyn Error>> {
        let used = index(operator.inputs(), input)?;
        let stored = widened.get(&used).copied().unwrap_or(used);
        if stored >= tensors.len() {
            return Err("an operator names a tensor that does not exist".into());
        }
        let tensor = tensors.get(stored);
        let shape: Vec<usize> = tensor.shape().iter().flatten().map(|side| side as usize).collect();
        let buffer = tensor.buffer().unwrap_or(0) as usize;
        if tensor.kind() != Some(FLOAT16) || buffer >= buffers.len() {
            return Err(format!("tensor {stored} is not made of halves").into());
        }
        let bytes: Vec<u8> = buffers.get(buffer).data().iter().flatten().collect();
        let values: Vec<f32> = bytes.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect();
        Ok((shape, values))
    };
    let (mut dense, mut depthwise) = (0, 0);
    for operator in &operators {
        let name = match kind(operator, &codes) {
            CONV_2D => {
                let (shape, filters) = values(operator, 1)?;
                let [outputs, height, width, inputs] = shape[..] else {
                    return Err("a filter is flat".into());
                };
                let name = format!("conv{dense}");
                dense += 1;
                let filters = channels_last(&filters, &shape);
                writer.per_channel(&format!("{name}/filters"), &[height, width, inputs, outputs], &filters);
                name
            }
            DEPTHWISE_CONV_2D => {
                let (shape, filters) = values(operator, 1)?;
                let [_, height, width, channels] = shape[..] else { return Err("a filter is flat".into()) };
                let name = format!("depthwise{depthwise}");
                depthwise += 1;
                writer.per_channel(&format!("{name}/filters"), &[height, width, channels], &filters);
                name
            }
            _ => continue,
        };
        let (shape, bias) = values(operator, 2)?;
        writer.exact(&format!("{name}/bias"), &shape, &bias);
    }
    Ok(())
}

/// Returns an operator's number: that of its newer field, or of the older one for small numbers.
fn code(code: OperatorCode<'_>) -> i32 {
    i32::from(code.deprecated_code().unwrap_or(0)).max(code.code().unwrap_or(0))
}

fn kind(operator: &Operator<'_>, codes: &[i32]) -> i32 {
    codes.get(operator.code_index().unwrap_or(0) as usize).copied().unwrap_or(-1)
}

fn index(list: Option<Vector<'_, i32>>, position: usize) -> Result<usize, Box<dyn Error>> {
    let index = list.iter().flatten().nth(position).ok_or("an operator lacks a tensor")?;
    Ok(usize::try_from(index)?)
}
