//! Groups of threads, each with what a process would have: they add up the same, and notice who is gone.

mod members;

use members::together;
use tch::{Kind, Tensor};
use trainyard_libtorch::{BROKEN, Group};

fn numbers(tensor: &Tensor) -> Vec<f64> {
    Vec::try_from(tensor.to_kind(Kind::Double).reshape([-1])).expect("numbers")
}

#[test]
fn all_have_the_sum_to_the_last_bit() {
    for size in [2, 3, 4] {
        let sums = together(size, |group| {
            let own = 0.1 * (group.rank() + 1) as f64;
            let mut tensors = [
                Tensor::from_slice(&[own as f32, 1.0, -1e8]).reshape([3, 1]),
                Tensor::full([1000], own, (Kind::Float, tch::Device::Cpu)),
            ];
            group.add_up(&mut tensors).expect("a sum");
            assert_eq!(tensors[0].size(), [3, 1]);
            assert_eq!(group.totals([own, 1.0]).expect("totals")[1], size as f64);
            tensors.iter().flat_map(numbers).map(f64::to_bits).collect::<Vec<_>>()
        });
        assert!(sums.iter().all(|sum| *sum == sums[0]));
        let expected: f64 = (1..=size).map(|rank| 0.1 * rank as f64).sum();
        assert!((f64::from_bits(sums[0][0]) - expected).abs() < 1e-6);
    }
}

#[test]
fn gradients_of_a_sum_add_up_too() {
    let gradients = together(2, |group| {
        let own = Tensor::from_slice(&[2.0f32, 3.0]).set_requires_grad(true);
        let factor = (group.rank() + 1) as f64;
        let sum = group.sum(&(&own * factor)).expect("a sum");
        (&sum * &sum * factor).sum(Kind::Float).backward();
        (numbers(&sum), numbers(&own.grad()))
    });
    // The sum is 3x; its square counts once and twice, so that all of 3 (3x)^2 teaches each factor of x.
    assert_eq!(gradients[0], (vec![6.0, 9.0], vec![36.0, 54.0]));
    assert_eq!(gradients[1], (vec![6.0, 9.0], vec![72.0, 108.0]));
}

#[test]
fn what_the_first_has_all_have() {
    let found = together(3, |group| {
        let mut own = [Tensor::from_slice(&[group.rank() as f32 + 7.0, 1.0])];
        group.hand_out(&mut own).expect("a tensor");
        (numbers(&own[0]), group.told(group.rank() as f64 + 0.5).expect("a number"))
    });
    assert!(found.iter().all(|found| *found == (vec![7.0, 1.0], 0.5)));
}

#[test]
fn who_is_gone_is_noticed_by_the_others() {
    let errors = together(3, |group| {
        if group.rank() == 1 {
            return None;
        }
        let sum = (0..3).find_map(|_| group.totals([1.0]).err());
        Some(sum.expect("nobody is there to add to it").to_string())
    });
    for (rank, error) in errors.iter().enumerate() {
        assert_eq!(error.is_none(), rank == 1);
        assert!(error.as_ref().is_none_or(|error| error.contains(BROKEN)), "{error:?}");
    }
}

#[test]
fn alone_everything_is_what_it_was() {
    let group = Group::alone();
    let mut own = [Tensor::from_slice(&[1.5f32])];
    group.add_up(&mut own).expect("a sum");
    group.hand_out(&mut own).expect("a tensor");
    assert_eq!((numbers(&own[0]), group.totals([2.5]).expect("totals")), (vec![1.5], [2.5]));
    assert!(group.leads() && group.size() == 1 && group.told(3.0).expect("a number") == 3.0);
}
