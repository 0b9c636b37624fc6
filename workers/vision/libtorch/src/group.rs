//! Processes that train one model together, over libtorch's own c10d: each learns from its share of a batch, and what they have
//! found is added up, so that all of them take the same step.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tch::{Device, Kind, TchError, Tensor, no_grad};

use crate::shim;

/// Until all have come.
const GATHERING: Duration = Duration::from_secs(120);
/// From one sum to the next: so long may the slowest share of a batch take.
const SHARE: Duration = Duration::from_secs(30 * 60);
/// While the first measures, the others wait.
const MEASURING: Duration = Duration::from_secs(7 * 24 * 3600);

/// What every failure of a group begins with: another process is gone, or does not answer.
pub const BROKEN: &str = "the group is broken: ";

/// Of one process, or of several. All of them call the same functions in the same order.
#[derive(Debug)]
pub struct Group {
    rank: usize,
    size: usize,
    joined: Option<shim::Joined>,
}

impl Group {
    /// Of this process alone: sums are what it has itself.
    pub fn alone() -> Group {
        Group { rank: 0, size: 1, joined: None }
    }

    /// Waits for `size - 1` others to join at the address of `listener`.
    ///
    /// # Errors
    /// When they have not come in time.
    pub fn lead(listener: TcpListener, size: usize) -> Result<Group, TchError> {
        Group::of(listener.local_addr()?, Some(listener), 0, size)
    }

    /// Joins the group of `size` that is led at `address`, as its member number `rank`, from 1.
    ///
    /// # Errors
    /// When nobody leads there, or the others have not come in time.
    pub fn join(address: SocketAddr, rank: usize, size: usize) -> Result<Group, TchError> {
        Group::of(address, None, rank, size)
    }

    fn of(
        address: SocketAddr,
        listener: Option<TcpListener>,
        rank: usize,
        size: usize,
    ) -> Result<Group, TchError> {
        let joined = shim::Joined::join(address, listener, rank, size, GATHERING, SHARE).map_err(broken)?;
        Ok(Group { rank, size, joined: Some(joined) })
    }

    /// From 0.
    pub fn rank(&self) -> usize {
        self.rank
    }

    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether this is the one that measures, writes and tells.
    pub fn leads(&self) -> bool {
        self.rank == 0
    }

    /// Adds up floats over all processes, in place: the same bits everywhere, on whatever device.
    pub fn add_up(&self, tensors: &mut [Tensor]) -> Result<(), TchError> {
        let Some(joined) = self.joined.as_ref().filter(|_| !tensors.is_empty()) else { return Ok(()) };
        no_grad(|| {
            let flat = flattened(tensors)?;
            joined.add_up(&flat).map_err(broken)?;
            write_back(&flat, tensors)
        })
    }

    /// The sum over all processes, differentiable.
    pub fn sum(&self, own: &Tensor) -> Result<Tensor, TchError> {
        match &self.joined {
            None => Ok(own.shallow_clone()),
            Some(joined) => joined.sum(own).map_err(broken),
        }
    }

    /// Sums of numbers.
    pub fn totals<const N: usize>(&self, own: [f64; N]) -> Result<[f64; N], TchError> {
        let Some(joined) = &self.joined else { return Ok(own) };
        let sums = Tensor::f_from_slice(&own)?;
        joined.add_up(&sums).map_err(broken)?;
        let mut totals = own;
        sums.f_copy_data(&mut totals, N)?;
        Ok(totals)
    }

    /// What the first has, all have afterwards.
    pub fn hand_out(&self, tensors: &mut [Tensor]) -> Result<(), TchError> {
        let Some(joined) = self.joined.as_ref().filter(|_| !tensors.is_empty()) else { return Ok(()) };
        no_grad(|| {
            let flat = flattened(tensors)?;
            joined.hand_out(&flat, MEASURING).map_err(broken)?;
            write_back(&flat, tensors)
        })
    }

    /// What the first says; of the others it is not heard.
    pub fn told(&self, own: f64) -> Result<f64, TchError> {
        let mut told = [Tensor::from(own)];
        self.hand_out(&mut told)?;
        told[0].f_double_value(&[])
    }
}

/// All numbers in a row on the CPU, as doubles only where one of them is such.
fn flattened(tensors: &[Tensor]) -> Result<Tensor, TchError> {
    let is_double = tensors.iter().any(|tensor| tensor.kind() == Kind::Double);
    let kind = if is_double { Kind::Double } else { Kind::Float };
    let rows = tensors.iter().map(|tensor| tensor.f_to_kind(kind)?.f_to_device(Device::Cpu)?.f_reshape([-1]));
    Tensor::f_cat(&rows.collect::<Result<Vec<_>, _>>()?, 0)
}

fn write_back(flat: &Tensor, tensors: &mut [Tensor]) -> Result<(), TchError> {
    let mut start = 0;
    for tensor in tensors {
        let count = tensor.numel() as i64;
        let values = flat.f_narrow(0, start, count)?.f_view_as(tensor)?;
        tensor.f_copy_(&values)?;
        start += count;
    }
    Ok(())
}

fn broken(error: TchError) -> TchError {
    match error {
        TchError::Torch(text) => TchError::Torch(format!("{BROKEN}{text}")),
        other => other,
    }
}
