//! In which numbers a network is trained. Weights, the sums of their gradients, the loss and validation are 32-bit floats
//! always; bf16 is what images go through the layers in.

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, TchError, Tensor, no_grad};

use crate::options::Wanted;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// What every training had before there was a choice.
    #[default]
    Fp32,
    Bf16,
}

impl Precision {
    /// `pays` says whether the network is faster with it on a processor that has it.
    pub fn choose(wanted: Wanted, device: Device, pays: bool) -> Precision {
        match wanted {
            Wanted::Fp32 => Precision::Fp32,
            Wanted::Bf16 => Precision::Bf16,
            Wanted::Auto if device == Device::Cpu && pays && processor_multiplies_bf16() => Precision::Bf16,
            Wanted::Auto => Precision::Fp32,
        }
    }

    /// Of the images.
    pub fn kind(self) -> Kind {
        match self {
            Precision::Fp32 => Kind::Float,
            Precision::Bf16 => Kind::BFloat16,
        }
    }

    pub fn in_words(self) -> &'static str {
        match self {
            Precision::Fp32 => "float32",
            Precision::Bf16 => "bfloat16; weights, gradients, loss and validation float32",
        }
    }
}

/// Every processor that has AMX has these instructions too.
fn processor_multiplies_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Whether all numbers are; one that is not makes the norm none either.
pub fn is_finite(sums: &Tensor, gradients: &[Tensor]) -> Result<bool, TchError> {
    no_grad(|| {
        let norms = gradients.iter().map(Tensor::f_norm).collect::<Result<Vec<_>, _>>()?;
        let norm = Tensor::f_stack(&norms, 0)?.f_sum(Kind::Double)?.f_add(&sums.f_sum(Kind::Double)?)?;
        Ok(norm.f_double_value(&[])?.is_finite())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_taken_and_auto_only_where_it_pays() {
        let cpu = Device::Cpu;
        for pays in [true, false] {
            assert_eq!(Precision::choose(Wanted::Bf16, cpu, pays), Precision::Bf16);
            assert_eq!(Precision::choose(Wanted::Fp32, cpu, pays), Precision::Fp32);
        }
        assert_eq!(Precision::choose(Wanted::Auto, cpu, false), Precision::Fp32);
        assert_eq!(Precision::choose(Wanted::Auto, Device::Cuda(0), true), Precision::Fp32);
        let here = Precision::choose(Wanted::Auto, cpu, true);
        assert_eq!(here == Precision::Bf16, processor_multiplies_bf16());
    }

    #[test]
    fn one_number_that_is_none_is_seen() {
        let sums = Tensor::from_slice(&[1.0f64, 2.0]);
        let good = || Tensor::from_slice(&[1.0f32, -2.0]);
        assert!(is_finite(&sums, &[good(), good()]).unwrap());
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert!(!is_finite(&sums, &[good(), Tensor::from_slice(&[0.0, bad])]).unwrap());
            assert!(!is_finite(&Tensor::from(f64::from(bad)).view(1), &[good()]).unwrap());
        }
    }
}
