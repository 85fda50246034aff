//! `checksum(x)`: a checksum of a group's values that does not depend on their order.
//!
//! As in Trino it is the sum of the XXH64 of the values, each times a prime, in 64 bits that wrap;
//! a null adds the prime itself. The result is the sum's eight bytes, lowest first.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};

use crate::functions::signature::unexpected_parameters;
use crate::shapes::is_text;

const PRIMES: [u64; 5] = [
    0x9E37_79B1_85EB_CA87,
    0xC2B2_AE3D_27D4_EB4F,
    0x1656_67B1_9E37_79F9,
    0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5,
];

pub(super) fn function() -> Arc<AggregateUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(AggregateUDF::from(Checksum { signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Checksum {
    signature: Signature,
}

impl AggregateUDFImpl for Checksum {
    fn name(&self) -> &str {
        "checksum"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [value] if !value.is_nested() => Ok(types.to_vec()),
            _ => {
                let expected = ["checksum(T) of a scalar type".to_owned()];
                plan_err!("{}", unexpected_parameters("checksum", types, &expected))
            }
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Binary)
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let name = format!("{}[sum]", args.name);
        Ok(vec![Arc::new(Field::new(name, DataType::Int64, true))])
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Sum(None)))
    }
}

/// The sum so far; none of no rows.
#[derive(Debug)]
struct Sum(Option<u64>);

impl Sum {
    fn add(&mut self, part: u64) {
        self.0 = Some(self.0.unwrap_or(0).wrapping_add(part));
    }
}

impl Accumulator for Sum {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let values = &columns[0];
        let hash: Box<dyn Fn(usize) -> u64> = match values.data_type() {
            DataType::Null => Box::new(|_| 0),
            text if is_text(text) => {
                let texts = cast(values, &DataType::Utf8View)?.as_string_view().clone();
                Box::new(move |row| xxh64(texts.value(row).as_bytes()))
            }
            DataType::Float64 => {
                let numbers = values.as_primitive::<Float64Type>().clone();
                // Negative zero equals zero, and so must their checksums.
                Box::new(move |row| xxh64(&(numbers.value(row) + 0.0).to_bits().to_le_bytes()))
            }
            DataType::Binary => {
                let bytes = values.as_binary::<i32>().clone();
                Box::new(move |row| xxh64(bytes.value(row)))
            }
            DataType::Date32 => {
                let days = cast(&cast(values, &DataType::Int32)?, &DataType::Int64)?;
                let days = days.as_primitive::<Int64Type>().clone();
                Box::new(move |row| xxh64(&days.value(row).to_le_bytes()))
            }
            _ => {
                let numbers = cast(values, &DataType::Int64)?;
                let numbers = numbers.as_primitive::<Int64Type>().clone();
                Box::new(move |row| xxh64(&numbers.value(row).to_le_bytes()))
            }
        };
        for row in 0..values.len() {
            self.add(if values.is_valid(row) && !values.data_type().is_null() {
                hash(row).wrapping_mul(PRIMES[0])
            } else {
                PRIMES[0]
            });
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for part in states[0].as_primitive::<Int64Type>().iter().flatten() {
            self.add(part as u64);
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let bytes = self.0.map(|sum| sum.to_le_bytes().to_vec());
        Ok(ScalarValue::Binary(bytes))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Int64(self.0.map(|sum| sum as i64))])
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

/// XXH64 with seed 0, as its specification has it
/// (<https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>).
fn xxh64(bytes: &[u8]) -> u64 {
    let [p1, p2, p3, p4, p5] = PRIMES;
    let round = |lane: u64, input: u64| {
        lane.wrapping_add(input.wrapping_mul(p2))
            .rotate_left(31)
            .wrapping_mul(p1)
    };
    let (stripes, rest) = bytes.as_chunks::<32>();
    let mut hash = if stripes.is_empty() {
        p5
    } else {
        let mut lanes = [p1.wrapping_add(p2), p2, 0, 0_u64.wrapping_sub(p1)];
        for stripe in stripes {
            let (words, _) = stripe.as_chunks::<8>();
            for (lane, word) in lanes.iter_mut().zip(words) {
                *lane = round(*lane, u64::from_le_bytes(*word));
            }
        }
        let rotations = [1, 7, 12, 18];
        let mixed = lanes.iter().zip(rotations).fold(0_u64, |sum, (lane, by)| {
            sum.wrapping_add(lane.rotate_left(by))
        });
        lanes.iter().fold(mixed, |hash, lane| {
            (hash ^ round(0, *lane)).wrapping_mul(p1).wrapping_add(p4)
        })
    };
    hash = hash.wrapping_add(bytes.len() as u64);
    let (words, rest) = rest.as_chunks::<8>();
    for word in words {
        hash = (hash ^ round(0, u64::from_le_bytes(*word)))
            .rotate_left(27)
            .wrapping_mul(p1)
            .wrapping_add(p4);
    }
    let (halves, rest) = rest.as_chunks::<4>();
    for half in halves {
        hash = (hash ^ u64::from(u32::from_le_bytes(*half)).wrapping_mul(p1))
            .rotate_left(23)
            .wrapping_mul(p2)
            .wrapping_add(p3);
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte).wrapping_mul(p5))
            .rotate_left(11)
            .wrapping_mul(p1);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(p2);
    hash = (hash ^ (hash >> 29)).wrapping_mul(p3);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::xxh64;

    /// Values of the xxhash package of Python, version 3.
    #[test]
    fn every_path_of_the_hash() {
        for (text, expected) in [
            ("", 0xef46_db37_51d8_e999_u64),
            ("a", 0xd24e_c4f1_a98c_6e5b),
            ("abcd", 0xde03_27b0_d25d_92cc),
            ("abcdefgh", 0x3ad3_5177_5b46_34b7),
            (
                "abcdefghijklmnopqrstuvwxyz0123456789ABCDE",
                0xc678_baab_f65d_5204,
            ),
        ] {
            assert_eq!(xxh64(text.as_bytes()), expected, "{text}");
        }
    }
}
